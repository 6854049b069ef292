#!lua flags=allow-oom
-- The steps of one consumer of a group, each whole: what is asked and what follows from it cannot come apart.
-- They run when memory is full as well, because reading and acknowledging is what makes room again.
--
-- KEYS: stream, dead stream, holder of the consumer's name, who reads what from the segment files
-- ARGV: step, group, consumer, token ('' for a name that nobody else can have), then the step's own

local STREAM, DEAD, HOLDER, REPLAY = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local GROUP, CONSUMER, TOKEN = ARGV[2], ARGV[3], ARGV[4]
local HELD_MS = 86400000
local LOOKS = 200 -- entries one call looks at, at most: the server serves others too
local END = '18446744073709551615-18446744073709551614' -- the very last id means new entries to the server

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
    redis.call('HDEL', REPLAY, unpack(ARGV, first))
  end
end

-- What lies up to a position is done with, though the group was never given it by the server.
-- args from `first` on: last position of the group before ('' for nothing to do), the new one, entries read up to it
local function pass(first)
  local group = ARGV[first] ~= '' and find_group()
  if not group or ARGV[first] ~= group['last-delivered-id'] then
    return 0
  end
  redis.call('XGROUP', 'SETID', STREAM, GROUP, ARGV[first + 1], 'ENTRIESREAD', ARGV[first + 2])
  redis.call('HDEL', REPLAY, ARGV[first + 1])
  return 1
end

-- What is read from the segment files is no pending entry, so who reads it is noted here: until when, how often, who.
local function note(position, ms, times, who)
  local now = redis.call('TIME')
  local untilms = now[1] * 1000 + math.floor(now[2] / 1000) + ms
  redis.call('HSET', REPLAY, position, string.format('%.0f %.0f %s', untilms, times, who))
  redis.call('PEXPIRE', REPLAY, HELD_MS)
end

local function noted(position)
  local found = redis.call('HGET', REPLAY, position)
  if not found then
    return nil
  end
  local untilms, times, who = string.match(found, '^(%d+) (%d+) (.*)$')
  return { untilms = tonumber(untilms), times = tonumber(times), who = who }
end

-- A sign of life: reads our own pending entries behind the last possible one.
local function touch()
  redis.call('XREADGROUP', 'GROUP', GROUP, CONSUMER, 'COUNT', 1, 'STREAMS', STREAM, END)
end

-- Ours for so long: how often it was given, this time included; 0 while it is another's.
local function lease(position, ms, before)
  local found = noted(position)
  local now = redis.call('TIME')
  if found and found.who ~= CONSUMER and found.untilms > now[1] * 1000 + math.floor(now[2] / 1000) then
    return 0
  end
  touch()
  local times = (found and found.times or before) + 1
  note(position, ms, times, CONSUMER)
  return times
end

-- args: where a new group begins ('0' for all that is kept, '$' for what comes, or an id), idle ms of a consumer that is
--       forgotten when it holds nothing, what '0' means where files hold what left the stream: a position and the
--       number of entries up to it ('' each: no files)
local function open()
  local created = 0
  if not find_group() then
    redis.call('XGROUP', 'CREATE', STREAM, GROUP, ARGV[5], 'MKSTREAM')
    local stream = map(redis.call('XINFO', 'STREAM', STREAM))
    -- The server counts what a group has read only from a number it knows: what is gone already is not missed.
    local gone = stream['entries-added'] - stream['length']
    if ARGV[5] == '0' and ARGV[7] ~= '' and tonumber(ARGV[8]) < gone then
      redis.call('XGROUP', 'SETID', STREAM, GROUP, ARGV[7], 'ENTRIESREAD', ARGV[8])
    elseif ARGV[5] == '0' then
      redis.call('XGROUP', 'SETID', STREAM, GROUP, '0', 'ENTRIESREAD', gone)
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
  if pass(10) == 1 then
    group = find_group()
  end
  local found = ARGV[7] == '1' and pick('own', 0, CONSUMER, most, types)
    or ARGV[8] == '1' and pick('claim', idle, nil, most, types)
    or find_gap(map(redis.call('XINFO', 'STREAM', STREAM)), group)
    or read_new(types)
  return found or { 'none', '', group['last-delivered-id'] }
end

-- args: id, ms. Ours for longer, if it is still ours.
local function hold()
  local found = noted(ARGV[5])
  if found and found.who == CONSUMER then
    touch()
    note(ARGV[5], tonumber(ARGV[6]), found.times, CONSUMER)
    return 1
  end
  if #redis.call('XPENDING', STREAM, GROUP, ARGV[5], ARGV[5], 1, CONSUMER) == 0 then
    return 0
  end
  redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, ARGV[5], 'JUSTID')
  return 1
end

-- args: last position of the group, position behind it that is read from the files, ms it is ours
-- returns: times it was given, 0 while another has it, -1 when the group is elsewhere
local function replay()
  local group = find_group()
  if not group or group['last-delivered-id'] ~= ARGV[5] then
    return -1
  end
  return lease(ARGV[6], tonumber(ARGV[7]), 0)
end

-- args: id of a pending entry that is only in the files, ms it is ours. Returns as `replay`.
local function restore()
  local row = redis.call('XPENDING', STREAM, GROUP, ARGV[5], ARGV[5], 1)[1]
  if not row then
    return -1
  end
  return lease(ARGV[5], tonumber(ARGV[6]), row[4])
end

-- args: what `pass` takes for an entry that no group was given ('' each: it is pending), id, fields of the letter…
local function set_aside()
  local id, pending = ARGV[8], ARGV[5] == ''
  if pending and #redis.call('XPENDING', STREAM, GROUP, id, id, 1) == 0 then
    return 0
  end
  if not pending and pass(5) == 0 then
    return 0
  end
  if ARGV[9] then
    redis.call('XADD', DEAD, '*', unpack(ARGV, 9))
  end
  if pending then
    redis.call('XACK', STREAM, GROUP, id)
    redis.call('HDEL', REPLAY, id)
  end
  return 1
end

-- args: idle ms after which entries are taken over, what `pass` takes, ids to acknowledge…
-- What we hold may be taken over soon: at once the first time, then after 1, 3, 7 … s.
local function leave()
  acknowledge(9)
  if TOKEN ~= '' then
    if redis.call('GET', HOLDER) ~= TOKEN then
      return 0
    end
    redis.call('DEL', HOLDER)
  end
  if not find_group() then
    return 0
  end
  pass(6)
  local idle = tonumber(ARGV[5])
  local function pause(times)
    return math.min(idle, (2 ^ (times - 1) - 1) * 1000)
  end
  for _, position in ipairs(redis.call('HKEYS', REPLAY)) do
    local found = noted(position)
    if found.who == CONSUMER then
      note(position, pause(found.times), found.times, CONSUMER)
    end
  end
  local rows = redis.call('XPENDING', STREAM, GROUP, '-', '+', LOOKS, CONSUMER)
  for _, row in ipairs(rows) do
    -- XCLAIM would drop without a word what is no longer in the stream.
    if #redis.call('XRANGE', STREAM, row[1], row[1]) > 0 then
      local waited = string.format('%.0f', idle - pause(row[4]))
      redis.call('XCLAIM', STREAM, GROUP, CONSUMER, 0, row[1], 'IDLE', waited, 'JUSTID')
    end
  end
  return #rows
end

local steps = {
  open = open,
  next = next_one,
  hold = hold,
  replay = replay,
  restore = restore,
  set_aside = set_aside,
  leave = leave,
}
return steps[ARGV[1]]()
