"""RQ jobs: one module is one queue. Nobody imports this room; jobs are named by string."""
