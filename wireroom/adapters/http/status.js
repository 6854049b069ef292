const EVERY = 3000;
const STATES = ["accepted", "published", "unchanged", "refused", "failed", "cancelled"];
let timer = 0;

function numbers(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => {
    const box = make("div");
    box.append(make("dt", name), make("dd", value === null ? "?" : value.toLocaleString("en")));
    return box;
  }));
}

function row(item) {
  const line = make("tr");
  const title = make("td");
  const link = make("a", item.title || item.id);
  link.href = `/v1/documents/${encodeURIComponent(item.id)}`;
  title.append(link);
  if (item.url) title.append(make("div", item.url, "soft"));
  line.append(title, make("td", (item.published || "").slice(0, 16)), make("td", item.language),
    make("td", item.revision, "number"), make("td", item.updated.slice(0, 19).replace("T", " ")));
  return line;
}

async function show() {
  clearTimeout(timer);
  try {
    const [stats, page] = await Promise.all([ask("/v1/stats"), ask("/v1/documents?limit=20")]);
    numbers($("ended"), STATES.map((name) => [name, stats[name]]));
    numbers($("waiting"), Object.entries(stats.waiting));
    numbers($("queues"), Object.entries(stats.queues));
    numbers($("streams"), Object.entries(stats.streams));
    const megabytes = (bytes) => (bytes === null ? null : Math.round(bytes / 1e6));
    numbers($("memory"), [["used, MB", megabytes(stats.memory.used)], ["budget, MB", megabytes(stats.memory.budget)],
      ["documents", stats.documents]]);
    $("documents").replaceChildren(...page.documents.map(row));
    say(`as of ${new Date().toLocaleTimeString()}`);
  } catch (error) {
    say(error.message);
  }
  timer = setTimeout(show, EVERY);
}

begin(show);
