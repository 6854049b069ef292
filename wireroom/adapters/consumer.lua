#!lua flags=allow-oom
-- The steps of one consumer of a group, each whole: what is asked and what follows from it cannot come apart.
-- They run when memory is full as well, because reading and acknowledging is what makes room again.
--
-- KEYS: stream, dead stream, holder of the consumer's name
-- ARGV: step, group, consumer, token ('' for a name that nobody else can have), then the step's own

local STREAM, DEAD, HOLDER = KEYS[1], KEYS[2], KEYS[3]
local GROUP, CONSUMER, TOKEN = ARGV[2], ARGV[3], ARGV[4]
local HELD_MS = 86400000
local LOOKS = 200 -- entries one call looks at, at most: the server serves others too

local function map(flat)
  local result = {}
  for i = 1, #flat, 2 do
    result[flat[i]] = flat[i + 1]
  end
  return result
end

local function find_group()
  if redis.call('EXISTS', STREAM) == 0 then
    return nil
  end
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', STREAM)) do
    local group = map(flat)
    if group['name'] == GROUP then
      return group
    end
  end
  return nil
end

-- Ids are two numbers of up to 64 bits, which Lua's numbers cannot hold: compared as digits.
local function digits_less(a, b)
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end

local function less(a, b)
  local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
  local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then
    return digits_less(ams, bms)
  end
  return digits_less(aseq, bseq)
end

local function acknowledge(first)
  if ARGV[first] then
    redis.call('XACK', STREAM, GROUP, unpack(ARGV, first))
  end
end

-- args: where a new group begins ('0' for all that is kept, '$' for what comes, or an id), idle ms of a consumer that is
--       forgotten when it holds nothing
local function open()
  local created = 0
  if not find_group() then
    redis.call('XGROUP', 'CREATE', STREAM, GROUP, ARGV[5], 'MKSTREAM')
    local stream = map(redis.call('XINFO', 'STREAM', STREAM))
    -- The server counts what a group has read only from a number it knows: what is gone already is not missed.
    if ARGV[5] == '0' then
      redis.call('XGROUP', 'SETID', STREAM, GROUP, '0', 'ENTRIESREAD', stream['entries-added'] - stream['length'])
    elseif ARGV[5] == '$' then
      redis.call('XGROUP', 'SETID', STREAM, GROUP, '$', 'ENTRIESREAD', stream['entries-added'])
    end
    created = 1
  end
  for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', STREAM, GROUP)) do
    local consumer = map(flat)
    if consumer['pending'] == 0 and consumer['idle'] > tonumber(ARGV[6]) then
      redis.call('XGROUP', 'DELCONSUMER', STREAM, GROUP, consumer['name'])
    end
  end
  if TOKEN ~= '' then
    redis.call('SET', HOLDER, TOKEN, 'PX', HELD_MS)
  end
  return created
end

local function replaced()
  if TOKEN == '' then
    return false
  end
  local holder = redis.call('GET', HOLDER)
  if holder and holder ~= TOKEN then
    return true
  end
  redis.call('SET', HOLDER, TOKEN, 'PX', HELD_MS)
  return false
end

local function wanted(fields, types)
  if types == '' then
    return true
  end
  return string.find(types, ',' .. (map(fields)['type'] or '') .. ',', 1, true) ~= nil
end

-- The first pending entry that is ours to take; ids of pending entries that are no longer there come before it.
local function pick(how, idle, only, most, types)
  local lost, from = {}, '-'
  for _ = 1, LOOKS do
    local rows
    if only then
      rows = redis.call('XPENDING', STREAM, GROUP, 'IDLE', idle, from, '+', 1, only)
    else
      rows = redis.call('XPENDING', STREAM, GROUP, 'IDLE', idle, from, '+', 1)
    end
    if #rows == 0 then
      break
    end
    local id, times = rows[1][1], rows[1][4]
    local entry = redis.call('XRANGE', STREAM, id, id)[1]
    from = '(' .. id
    if not entry then
      lost[#lost + 1] = id
    elseif #lost > 0 then
      break
    elseif not wanted(entry[2], types) then
      redis.call('XACK', STREAM, GROUP, id)
    elseif times >= most then
      redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, id, 'JUSTID')
      return { 'poison', how, id, times, entry[2] }
    else
      redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, id)
      return { 'entry', how, id, times + 1, entry[2] }
    end
  end
  if #lost > 0 then
    return { 'lost', how, lost }
  end
  return nil
end

-- What was trimmed between the last entry the group was given and the first one there is: nothing, or a gap.
-- The count is known while nothing was deleted from the middle of the stream; else it is -1.
local function find_gap(stream, group)
  local last = group['last-delivered-id']
  local first = stream['length'] > 0 and stream['recorded-first-entry-id'] or nil
  if not less(last, first or stream['last-generated-id']) then
    return nil
  end
  local gone, read = stream['entries-added'] - stream['length'], group['entries-read']
  if gone == 0 or (read and gone <= read) then
    return nil
  end
  local count = -1
  if read and (not first or less(stream['max-deleted-entry-id'], first)) then
    count = gone - read
  end
  return { 'gap', 'new', last, first or '', stream['last-generated-id'], count, gone }
end

local function read_new(types)
  local last
  for _ = 1, LOOKS do
    local reply =
      redis.call('XREADGROUP', 'GROUP', GROUP, CONSUMER, 'COUNT', 1, 'STREAMS', STREAM, '>')
    if not reply then
      break
    end
    local entry = reply[1][2][1]
    if wanted(entry[2], types) then
      return { 'entry', 'new', entry[1], 1, entry[2] }
    end
    redis.call('XACK', STREAM, GROUP, entry[1])
    last = entry[1]
  end
  return last and { 'none', 'new', last }
end

-- args: most deliveries, idle ms after which another's entry is taken over, whether our own are given again (1, 0),
--       whether others' are looked at (1, 0), types (',a,b,' or ''),
--       a gap that was reported: after, end, entries read ('' each: none), ids to acknowledge…
-- returns: what there is, where it comes from (own, claim, new), and its details
local function next_one()
  local most, idle, types = tonumber(ARGV[5]), ARGV[6], ARGV[9]
  acknowledge(13)
  if replaced() then
    return { 'replaced', '' }
  end
  local group = find_group()
  if not group then
    return { 'nogroup', '' }
  end
  if ARGV[10] ~= '' and ARGV[10] == group['last-delivered-id'] then
    redis.call('XGROUP', 'SETID', STREAM, GROUP, ARGV[11], 'ENTRIESREAD', ARGV[12])
    group = find_group()
  end
  local found = ARGV[7] == '1' and pick('own', 0, CONSUMER, most, types)
    or ARGV[8] == '1' and pick('claim', idle, nil, most, types)
    or find_gap(map(redis.call('XINFO', 'STREAM', STREAM)), group)
    or read_new(types)
  return found or { 'none', '', group['last-delivered-id'] }
end

-- args: id. Ours for longer, if it is still ours.
local function hold()
  if #redis.call('XPENDING', STREAM, GROUP, ARGV[5], ARGV[5], 1, CONSUMER) == 0 then
    return 0
  end
  redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, ARGV[5], 'JUSTID')
  return 1
end

-- args: id, most entries of the dead stream, fields of the letter…
local function set_aside()
  if #redis.call('XPENDING', STREAM, GROUP, ARGV[5], ARGV[5], 1) == 0 then
    return 0
  end
  if ARGV[7] then
    redis.call('XADD', DEAD, 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, 7))
  end
  redis.call('XACK', STREAM, GROUP, ARGV[5])
  return 1
end

-- args: idle ms after which entries are taken over, ids to acknowledge…
-- What we hold may be taken over soon: at once the first time, then after 1, 3, 7 … s.
local function leave()
  acknowledge(6)
  if TOKEN ~= '' then
    if redis.call('GET', HOLDER) ~= TOKEN then
      return 0
    end
    redis.call('DEL', HOLDER)
  end
  if not find_group() then
    return 0
  end
  local idle = tonumber(ARGV[5])
  local rows = redis.call('XPENDING', STREAM, GROUP, '-', '+', LOOKS, CONSUMER)
  for _, row in ipairs(rows) do
    local pause = math.min(idle, (2 ^ (row[4] - 1) - 1) * 1000)
    redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, row[1], 'IDLE', string.format('%.0f', idle - pause), 'JUSTID')
  end
  return #rows
end

local steps = { open = open, next = next_one, hold = hold, set_aside = set_aside, leave = leave }
return steps[ARGV[1]]()
