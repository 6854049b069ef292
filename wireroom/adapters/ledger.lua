#!lua name=wireroom

-- The atomic steps of the ledger. A step is a list of plain Redis commands made in Python, applied only if the
-- conditions it was made under still hold. Everything a change of state brings with it (stream entries, jobs, new
-- URLs) stands in the same list, so that nothing is ever half done.
--
-- Commands are flattened: count, then for each its length and its words. Two are not Redis's: HDELIF key field value
-- fields… deletes fields of a hash if one of them has a value; HSETMAX key field number sets it unless it is larger.

-- What each command needs its key to be. Redis takes nothing back of a script that fails in the middle, so this is
-- looked at before the first command.
local KINDS = {
  HSET = 'hash', HSETNX = 'hash', HDEL = 'hash', HDELIF = 'hash', HSETMAX = 'hash', HINCRBY = 'hash',
  ZADD = 'zset', ZREM = 'zset', SADD = 'set', SREM = 'set', RPUSH = 'list', LPUSH = 'list', LREM = 'list',
  XADD = 'stream',
}

-- The error reply for the first command whose key is of another type, if there is one; and where the commands end.
local function unfit(args, i, seen)
  local n = tonumber(args[i])
  local why
  i = i + 1
  for _ = 1, n do
    local len, kind, key = tonumber(args[i]), KINDS[args[i + 1]], args[i + 2]
    if kind then
      seen[key] = seen[key] or redis.call('TYPE', key).ok
      if seen[key] ~= 'none' and seen[key] ~= kind then
        why = why or ('WRONGTYPE ' .. key .. ' is a ' .. seen[key] .. ' where a ' .. kind .. ' is needed; nothing was done')
      end
    end
    i = i + len + 1
  end
  return why, i
end

local function apply(args, i)
  local n = tonumber(args[i])
  i = i + 1
  for _ = 1, n do
    local len = tonumber(args[i])
    local name, key, field, value = args[i + 1], args[i + 2], args[i + 3], args[i + 4]
    if name == 'HDELIF' then
      if redis.call('HGET', key, field) == value then
        redis.call('HDEL', key, unpack(args, i + 5, i + len))
      end
    elseif name == 'HSETMAX' then
      if tonumber(redis.call('HGET', key, field) or 0) < tonumber(value) then
        redis.call('HSET', key, field, value)
      end
    else
      redis.call(unpack(args, i + 1, i + len))
    end
    i = i + len + 1
  end
  return i
end

local function skip(args, i)
  local n = tonumber(args[i])
  i = i + 1
  for _ = 1, n do
    i = i + tonumber(args[i]) + 1
  end
  return i
end

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- args: number of conditions, (key, field, expected value; empty means absent) each, commands,
--       countdown key or '', countdown field, commands applied when the count reaches 0
-- returns: 0 lost at the first condition, -k lost at condition k + 1, 1 done, 2 done and the count reached 0
local function commit(_, args)
  local n = tonumber(args[1])
  local i = 2
  for c = 1, n do
    local found = redis.call('HGET', args[i], args[i + 1]) or ''
    if found ~= args[i + 2] then
      return 1 - c
    end
    i = i + 3
  end
  local seen = {}
  local why, follows = unfit(args, i, seen)
  if not why and args[follows] ~= '' then
    why = unfit(args, follows + 2, seen)
  end
  if why then
    return redis.error_reply(why)
  end
  i = apply(args, i)
  if args[i] ~= '' then
    if redis.call('HINCRBY', args[i], args[i + 1], -1) == 0 then
      apply(args, i + 2)
      return 2
    end
  end
  return 1
end

local OPEN = { waiting = true, fetching = true, normalizing = true, enriching = true }

-- Another batch asks for a URL whose unit is open: the unit does what the more demanding of the two asked for.
local function join(ns, uid, batch, force, listed, order)
  local unit = ns .. 'unit:' .. uid
  local known = redis.call('HMGET', unit, 'state', 'batch', 'order', 'host')
  if known[2] ~= batch then
    redis.call('HSET', unit, 'shared', 1)
  end
  if known[1] ~= 'waiting' then
    return
  end
  if force == '1' then
    redis.call('HSET', unit, 'force', 1)
  end
  if listed == '0' then
    redis.call('HSET', unit, 'listed', 0)
  end
  if tonumber(order) < tonumber(known[3]) then
    redis.call('HSET', unit, 'order', order)
    redis.call('ZADD', ns .. 'host:' .. known[4] .. ':queue', 'XX', order, uid)
  end
end

-- args: namespace, batch, its unit set, how long that is kept in ms, number of units, then for each:
--       uid, URL record or '', force, listed, order, (key or '', field, value) on which it rests,
--       commands if it is new, commands if it joins another
-- A URL that has an open unit already takes no second one: the batch shares the open one. What was taken in before is
-- not taken in again: a client may send the call twice. What rests on a value that is another one by now is left out.
-- returns: the uid that stands for each unit; '' for one that was left out
local function accept(_, args)
  local ns, result, seen = args[1], {}, {}
  local why = unfit({ 1, 3, 'SADD', args[3], '' }, 1, seen)
  local i = 6
  for _ = 1, tonumber(args[5]) do
    local wrong, wrong_too
    wrong, i = unfit(args, i + 8, seen)
    wrong_too, i = unfit(args, i, seen)
    why = why or wrong or wrong_too
  end
  if why then
    return redis.error_reply(why)
  end
  i = 6
  for u = 1, tonumber(args[5]) do
    local uid, url = args[i], args[i + 1]
    local new, joins = i + 8, skip(args, i + 8)
    local rests = args[i + 5] == '' or (redis.call('HGET', args[i + 5], args[i + 6]) or '') == args[i + 7]
    local open = url ~= '' and redis.call('HGET', url, 'open')
    if open and not OPEN[redis.call('HGET', ns .. 'unit:' .. open, 'state') or ''] then
      open = false
    end
    if redis.call('EXISTS', ns .. 'unit:' .. uid) == 0 then
      if not rests then
        uid = ''
      elseif open then
        join(ns, open, args[2], args[i + 2], args[i + 3], args[i + 4])
        uid = open
        apply(args, joins)
      else
        apply(args, new)
      end
    end
    i = skip(args, joins)
    if uid ~= '' then
      redis.call('SADD', args[3], uid)
    end
    result[u] = uid
  end
  redis.call('PEXPIRE', args[3], args[4])
  return result
end

-- args: namespace, stage, lease in ms, uids…
-- Leases the stage of each unit for which it is open and not leased by somebody else.
-- returns: uid, token, tries for each leased unit, flat
local function take(_, args)
  local ns, stage, lease = args[1], args[2], tonumber(args[3])
  local now = now_ms()
  local result = {}
  for i = 4, #args do
    local uid = args[i]
    local unit, task = ns .. 'unit:' .. uid, stage .. ':' .. uid
    local status = redis.call('HGET', unit, stage .. '.status')
    local deadline = tonumber(redis.call('ZSCORE', ns .. 'tasks', task) or 0)
    if status == 'queued' or (status == 'leased' and deadline <= now) then
      local token = redis.call('HINCRBY', unit, stage .. '.token', 1)
      local tries = redis.call('HINCRBY', unit, stage .. '.tries', 1)
      redis.call('HSET', unit, stage .. '.status', 'leased')
      redis.call('ZADD', ns .. 'tasks', now + lease, task)
      result[#result + 1] = uid
      result[#result + 1] = token
      result[#result + 1] = tries
    end
  end
  return result
end

-- args: namespace, stage, lease in ms, (uid, token) each
-- returns: the uids whose lease is lost
local function renew(_, args)
  local ns, stage = args[1], args[2]
  local deadline = now_ms() + tonumber(args[3])
  local lost = {}
  for i = 4, #args, 2 do
    local unit = ns .. 'unit:' .. args[i]
    local held = redis.call('HMGET', unit, stage .. '.token', stage .. '.status')
    if held[1] == args[i + 1] and held[2] == 'leased' then
      redis.call('ZADD', ns .. 'tasks', deadline, stage .. ':' .. args[i])
      if stage == 'fetch' then
        local host = redis.call('HGET', unit, 'host')
        if redis.call('HGET', ns .. 'host:' .. host, 'holder') == args[i] then
          redis.call('HSET', ns .. 'host:' .. host, 'until', deadline)
          redis.call('ZADD', ns .. 'hosts', 'XX', deadline, host)
        end
      end
    else
      lost[#lost + 1] = args[i]
    end
  end
  return lost
end

local function wake_delayed(ns, now)
  for _, uid in ipairs(redis.call('ZRANGEBYSCORE', ns .. 'delayed', '-inf', now, 'LIMIT', 0, 200)) do
    redis.call('ZREM', ns .. 'delayed', uid)
    local unit = redis.call('HMGET', ns .. 'unit:' .. uid, 'state', 'host', 'order')
    if unit[1] == 'waiting' then
      redis.call('ZADD', ns .. 'host:' .. unit[2] .. ':queue', unit[3], uid)
      redis.call('ZADD', ns .. 'hosts', 'NX', 0, unit[2])
    end
  end
end

-- The first unit of a host that is still waiting, leased; nil when the host has none.
local function lease_from(ns, host, now, lease)
  while true do
    local popped = redis.call('ZPOPMIN', ns .. 'host:' .. host .. ':queue')
    local uid = popped[1]
    if not uid then
      return nil
    end
    local unit = ns .. 'unit:' .. uid
    if redis.call('HGET', unit, 'state') == 'waiting' then
      local token = redis.call('HINCRBY', unit, 'fetch.token', 1)
      local tries = redis.call('HINCRBY', unit, 'fetch.tries', 1)
      redis.call('HSET', unit, 'state', 'fetching', 'fetch.status', 'leased')
      redis.call('ZREM', ns .. 'state:waiting', uid)
      redis.call('ZADD', ns .. 'state:fetching', now, uid)
      redis.call('ZADD', ns .. 'tasks', now + lease, 'fetch:' .. uid)
      redis.call('HSET', ns .. 'host:' .. host, 'holder', uid, 'until', now + lease)
      return { uid, token, tries }
    end
  end
end

local DAY = 86400000

-- What somebody set for a host by hand: whether it is paused, and its pages a day.
local function by_hand(ns, host)
  local hand = redis.call('HMGET', ns .. 'host:' .. host .. ':hand', 'paused', 'pages_per_day')
  return hand[1] == '1', hand[2]
end

-- When a host may be asked for a page as far as people say: a paused one is looked at again after a while, one that gave
-- its pages of this day (UTC) tomorrow.
local function barred(paused, cap, day, pages, now)
  local free, today = 0, math.floor(now / DAY)
  if paused then
    free = now + 5000
  end
  if tonumber(cap) > 0 and tonumber(day or 0) == today and tonumber(pages or 0) >= tonumber(cap) then
    free = math.max(free, (today + 1) * DAY)
  end
  return free
end

-- args: namespace, most units, lease in ms, most pages of a host in a day (0: any number)
-- Leases at most one URL from each host whose time has come.
-- returns: uid, token, tries for each leased unit, flat
local function lease_crawls(_, args)
  local ns, most, lease = args[1], tonumber(args[2]), tonumber(args[3])
  local now = now_ms()
  wake_delayed(ns, now)
  local result = {}
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', ns .. 'hosts', '-inf', now, 'LIMIT', 0, most * 2)) do
    if #result >= most * 3 then
      break
    end
    local record = redis.call('HMGET', ns .. 'host:' .. host, 'next', 'until', 'day', 'pages')
    local paused, cap = by_hand(ns, host)
    local free = math.max(
      tonumber(record[1] or 0), tonumber(record[2] or 0), barred(paused, cap or args[4], record[3], record[4], now)
    )
    if free > now then
      redis.call('ZADD', ns .. 'hosts', free, host)
    else
      local leased = lease_from(ns, host, now, lease)
      if leased then
        redis.call('ZADD', ns .. 'hosts', now + lease, host)
        for k = 1, 3 do
          result[#result + 1] = leased[k]
        end
      else
        redis.call('ZREM', ns .. 'hosts', host)
      end
    end
  end
  return result
end

-- args: namespace, host, uid that asks, delay in ms, how long the request may take in ms,
--       most pages of a host in a day (0: any number); empty where it is no page that is asked for
-- One request to a host may begin: returns 0 and books it, or the ms to wait. A crawl that does not hold the host by
-- its lease, but was led to it, holds it until it leaves: there is never a second request beside another.
local function slot(_, args)
  local ns, host, uid = args[1], args[2], args[3]
  local key, now = ns .. 'host:' .. host, now_ms()
  local record = redis.call('HMGET', key, 'next', 'until', 'holder', 'day', 'pages')
  local paused, cap = by_hand(ns, host)
  cap = args[6] == '' and 0 or cap or args[6]
  local free = math.max(tonumber(record[1] or 0), barred(paused, cap, record[4], record[5], now))
  if record[3] and record[3] ~= uid then
    free = math.max(free, tonumber(record[2] or 0))
  end
  if free > now then
    return free - now
  end
  redis.call('HSET', key, 'next', now + tonumber(args[4]))
  if record[3] ~= uid then
    redis.call('HSET', key, 'holder', uid, 'until', now + tonumber(args[5]))
  end
  if args[6] ~= '' then
    local today = math.floor(now / DAY)
    local pages = tonumber(record[4] or 0) == today and tonumber(record[5] or 0) or 0
    redis.call('HSET', key, 'day', today, 'pages', pages + 1)
  end
  redis.call('PEXPIRE', key, 2 * DAY + tonumber(args[4]))
  redis.call('ZADD', ns .. 'hosts:known', 0, host)
  return 0
end

-- args: namespace, host, uid, delay in ms, 1 where the crawl goes on elsewhere: others may have the host then
-- A request of a crawl is over: the host's next may begin after its delay.
local function leave(_, args)
  local ns, host = args[1], args[2]
  local key, now = ns .. 'host:' .. host, now_ms()
  local record = redis.call('HMGET', key, 'next', 'holder')
  if record[2] ~= args[3] then
    return
  end
  local free = math.max(tonumber(record[1] or 0), now + tonumber(args[4]))
  redis.call('HSET', key, 'next', free)
  if args[5] == '1' then
    redis.call('HDEL', key, 'holder', 'until')
    redis.call('ZADD', ns .. 'hosts', 'XX', free, host)
  end
end

local STATES = {
  'waiting', 'fetching', 'normalizing', 'enriching', 'published', 'unchanged', 'refused', 'failed', 'cancelled'
}
local STAGES = { 'fetch', 'normalize', 'dates', 'sameness', 'entities', 'publish' }

-- args: namespace, uid, stages beside ours that may have a task of it
-- returns: all that is known of a unit at one moment: its record's state, host, key, order and missing; how long the
--          record is kept; its URL's open unit; its place among the delayed, in its host's queue, and the host's among
--          the hosts; its score in each state's set; for each stage (ours, those named, and those its record has) its
--          name, status, token and task's score
local function look(_, args)
  local ns, uid = args[1], args[2]
  local unit = ns .. 'unit:' .. uid
  local known = redis.call('HMGET', unit, 'state', 'host', 'key', 'order', 'missing')
  local host, key = known[2], known[3]
  local result = {}
  for i = 1, 5 do
    result[i] = known[i] or ''
  end
  local function add(value)
    result[#result + 1] = tostring(value or '')
  end
  add(redis.call('PTTL', unit))
  add(key and redis.call('HGET', ns .. 'url:' .. key, 'open'))
  add(redis.call('ZSCORE', ns .. 'delayed', uid))
  add(host and redis.call('ZSCORE', ns .. 'host:' .. host .. ':queue', uid))
  add(host and redis.call('ZSCORE', ns .. 'hosts', host))
  for _, state in ipairs(STATES) do
    add(redis.call('ZSCORE', ns .. 'state:' .. state, uid))
  end
  local seen = {}
  local function add_stage(stage)
    if stage and not seen[stage] then
      seen[stage] = true
      local held = redis.call('HMGET', unit, stage .. '.status', stage .. '.token')
      add(stage)
      add(held[1])
      add(held[2])
      add(redis.call('ZSCORE', ns .. 'tasks', stage .. ':' .. uid))
    end
  end
  for _, stage in ipairs(STAGES) do
    add_stage(stage)
  end
  for i = 3, #args do
    add_stage(args[i])
  end
  for _, field in ipairs(redis.call('HKEYS', unit)) do
    add_stage(string.match(field, '^(.+)%.status$'))
  end
  return result
end

redis.register_function('wireroom_look', look)
redis.register_function('wireroom_commit', commit)
redis.register_function('wireroom_accept', accept)
redis.register_function('wireroom_take', take)
redis.register_function('wireroom_renew', renew)
redis.register_function('wireroom_lease_crawls', lease_crawls)
redis.register_function('wireroom_slot', slot)
redis.register_function('wireroom_leave', leave)
