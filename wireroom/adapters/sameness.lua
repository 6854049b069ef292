-- The index of sameness: every step that must be whole. Run through EVALSHA; the first argument names the step.
--
-- enter   puts a document's fingerprints and terms into the index and says what came before it
-- commit  puts it into its story and keeps the answer, unless the stories it was decided on have changed
-- look    reads one document's story
-- drop    takes a document out of the index and of its story, unless that story has changed
--
-- KEYS: postings, texts, frequencies, terms, times, stories, state
-- ARGV: step, prefix of documents' keys, prefix of stories' keys, then the step's own.
-- Postings are strings of raw ids of 8 bytes, the newest last.

local POSTINGS, TEXTS, FREQUENCIES, TERMS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local TIMES, STORIES, STATE = KEYS[5], KEYS[6], KEYS[7]
local DOCUMENT, STORY = ARGV[2], ARGV[3]
local IDS_A_PRINT, IDS_A_TEXT, STORIES_A_TERM = 48, 64, 48
local MAX_NEAR, MAX_STORIES, MAX_POSTED, OVERDUE = 32, 8, 200, 4
local PRIOR, COMMON = 500, 4 -- a word that a quarter of all documents hold finds no story
local CHUNK = 1000

local function hex(raw)
  return (raw:gsub('.', function(c) return string.format('%02x', c:byte()) end))
end

local function raw(id)
  return (id:gsub('..', function(pair) return string.char(tonumber(pair, 16)) end))
end

-- Terms come and are kept as JSON arrays: decoded in C, which is three times as fast as splitting here.
local function split(joined)
  if joined == '' then return {} end
  return cjson.decode(joined)
end

local function eights(blob)
  local parts, size = {}, 0
  for part in blob:gmatch('........') do
    size = size + 1
    parts[size] = part
  end
  return parts
end

-- HMGET, HSET and HDEL of any number of fields: Lua's stack holds a few thousand values.
local function read(key, fields)
  local values = {}
  for from = 1, #fields, CHUNK do
    local to = math.min(from + CHUNK - 1, #fields)
    local some = redis.call('HMGET', key, unpack(fields, from, to))
    for i = 1, #some do values[from + i - 1] = some[i] end
  end
  return values
end

local function write(key, pairs_, gone)
  for from = 1, #pairs_, CHUNK do
    redis.call('HSET', key, unpack(pairs_, from, math.min(from + CHUNK - 1, #pairs_)))
  end
  for from = 1, #gone, CHUNK do
    redis.call('HDEL', key, unpack(gone, from, math.min(from + CHUNK - 1, #gone)))
  end
end

local function post(key, fields, old, id, most)
  local new = {}
  for i, field in ipairs(fields) do
    local value = (old[i] or '') .. id
    if #value > most * 8 then value = value:sub(-most * 8) end
    new[2 * i - 1], new[2 * i] = field, value
  end
  write(key, new, {})
end

local function holds(value, id)
  for known in value:gmatch('........') do
    if known == id then return true end
  end
  return false
end

local function without(value, id)
  for at = 1, #value, 8 do
    if value:sub(at, at + 7) == id then return value:sub(1, at - 1) .. value:sub(at + 8) end
  end
  return nil
end

local function unpost(key, fields, id)
  local old, new, gone = read(key, fields), {}, {}
  for i, field in ipairs(fields) do
    local left = old[i] and without(old[i], id)
    if left == '' then
      gone[#gone + 1] = field
    elseif left then
      new[#new + 1], new[#new + 2] = field, left
    end
  end
  write(key, new, gone)
end

local function tally(fields, old, by)
  local new, gone = {}, {}
  for i, field in ipairs(fields) do
    local value = (tonumber(old[i] or 0)) + by
    if value > 0 then
      new[#new + 1], new[#new + 2] = field, value
    else
      gone[#gone + 1] = field
    end
  end
  write(FREQUENCIES, new, gone)
  if #fields > 0 then redis.call('HINCRBY', STATE, 'documents', by) end
end

-- Takes a document's text out of the index; its story and its answer are not touched.
local function unindex(id)
  local known = redis.call('HMGET', DOCUMENT .. id, 'digest', 'prints', 'terms')
  if not known[1] then return end
  local me, terms = raw(id), split(known[3])
  unpost(POSTINGS, eights(known[2]), me)
  if known[1] ~= '' then unpost(TEXTS, {known[1]}, me) end
  tally(terms, read(FREQUENCIES, terms), -1)
  redis.call('HDEL', DOCUMENT .. id, 'digest', 'prints', 'terms', 'text') -- so that it is never counted out twice
end

local function forget_document(id)
  unindex(id)
  redis.call('DEL', DOCUMENT .. id)
  redis.call('ZREM', TIMES, id)
end

local function forget_story(id)
  local posted = redis.call('HGET', STORY .. id, 'posted')
  if posted then unpost(TERMS, split(posted), raw(id)) end
  redis.call('DEL', STORY .. id)
  redis.call('ZREM', STORIES, id)
end

-- A bounded number each time: as many leave as come in, and some more.
local function expire(cutoff, most)
  local old = redis.call('ZRANGEBYSCORE', TIMES, '-inf', '(' .. cutoff, 'LIMIT', 0, OVERDUE)
  if #old == 0 and redis.call('ZCARD', TIMES) > tonumber(most) then
    old = redis.call('ZRANGE', TIMES, 0, OVERDUE - 1)
  end
  for _, id in ipairs(old) do forget_document(id) end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', STORIES, '-inf', '(' .. cutoff, 'LIMIT', 0, OVERDUE)) do
    forget_story(id)
  end
end

-- The story that an id stands for now: merged ones point to what they became.
local function resolve(id)
  for _ = 1, 64 do
    local into = redis.call('HGET', STORY .. id, 'into')
    if not into then return id end
    id = into
  end
  return id
end

-- The ids of the highest scores, highest first: an insertion into a short list, because a sort of all is ten times dearer.
local function best(scores, least, most)
  local order, size = {}, 0
  for id, score in pairs(scores) do
    local last = order[size]
    if score >= least and (size < most or score > scores[last] or (score == scores[last] and id < last)) then
      if size < most then size = size + 1 end
      local at = size
      while at > 1 do
        local above = order[at - 1]
        if scores[above] > score or (scores[above] == score and above < id) then break end
        order[at] = above
        at = at - 1
      end
      order[at] = id
    end
  end
  return order
end

-- The documents that share two fingerprints or more and came before: id, digest, compressed text.
local function candidates(found, me, seq)
  local counts = {}
  for _, value in pairs(found) do
    if value then
      for id in value:gmatch('........') do counts[id] = (counts[id] or 0) + 1 end
    end
  end
  counts[me] = nil
  local near = {}
  for _, id in ipairs(best(counts, 2, MAX_NEAR)) do
    local known = redis.call('HMGET', DOCUMENT .. hex(id), 'seq', 'digest', 'text')
    if known[1] and tonumber(known[1]) < seq then near[#near + 1] = {hex(id), known[2], known[3]} end
  end
  return near
end

-- The stories to decide on: those that share most weight of terms, and `more` whatever they share.
-- Returns the version, a digest that changes when any of them does, and id, revision, state and sum of each.
local function stories(joined, weights, more)
  local rank, scores = split(joined), {}
  local posted, frequencies = read(TERMS, rank), read(FREQUENCIES, rank)
  local all = tonumber(redis.call('HGET', STATE, 'documents') or 0) + PRIOR
  local i = 0
  for part in weights:gmatch('[^,]+') do
    i = i + 1
    local frequency = tonumber(frequencies[i] or 0) + 1
    if posted[i] and frequency * COMMON < all then
      local weight = tonumber(part) * math.log(all / frequency)
      for id in posted[i]:gmatch('........') do scores[id] = (scores[id] or 0) + weight end
    end
  end
  local ids, taken = {}, {}
  for _, id in ipairs(best(scores, 0, MAX_STORIES)) do ids[#ids + 1] = hex(id) end
  for id in more:gmatch('[^,]+') do ids[#ids + 1] = resolve(id) end
  local answer, digest = {}, {}
  for _, id in ipairs(ids) do
    if not taken[id] then
      taken[id] = true
      local known = redis.call('HMGET', STORY .. id, 'state', 'total', 'rev')
      if known[1] then
        answer[#answer + 1] = {id, known[3], known[1], known[2]}
        digest[#digest + 1] = id .. ':' .. known[3]
      end
    end
  end
  return {redis.call('HGET', STATE, 'version') or '0', table.concat(digest, ','), answer}
end

local function save(id, state, total, seen, joined)
  local key, me = STORY .. id, raw(id)
  local posted, known, new, old = split(redis.call('HGET', key, 'posted') or ''), {}, {}, {}
  for _, term in ipairs(posted) do known[term] = true end
  local terms = split(joined)
  local values = read(TERMS, terms)
  for i, term in ipairs(terms) do
    -- A story that goes on is posted again where newer stories have pushed it out.
    local there = known[term] and values[i] and holds(values[i], me)
    if not there and (known[term] or #posted < MAX_POSTED) then
      local at = #new + 1
      new[at], old[at] = term, values[i]
      if not known[term] then posted[#posted + 1] = term end
    end
  end
  post(TERMS, new, old, me, STORIES_A_TERM)
  redis.call('HSET', key, 'state', state, 'total', total, 'posted', cjson.encode(posted))
  redis.call('HINCRBY', key, 'rev', 1)
  redis.call('ZADD', STORIES, seen, id)
end

-- Writes from ARGV[at]: how many to save, five values each; how many to end, two values each (id; what it became or '').
local function apply(at, alias_ms)
  local saves = tonumber(ARGV[at])
  for i = 0, saves - 1 do save(unpack(ARGV, at + 1 + 5 * i, at + 5 + 5 * i)) end
  at = at + 1 + 5 * saves
  for i = 0, tonumber(ARGV[at]) - 1 do
    local id, into = ARGV[at + 1 + 2 * i], ARGV[at + 2 + 2 * i]
    forget_story(id)
    if into ~= '' then
      redis.call('HSET', STORY .. id, 'into', into)
      redis.call('PEXPIRE', STORY .. id, alias_ms)
    end
  end
  redis.call('HINCRBY', STATE, 'version', 1)
end

local step = {}

-- id, seen ms, cutoff ms, most documents, digest, prints, terms, text, ranked terms, their weights, new story id
function step.enter()
  local id, seen, cutoff, most, digest, prints, joined, text, rank, weights, new = unpack(ARGV, 4)
  local key, me = DOCUMENT .. id, raw(id)
  local known = redis.call('HMGET', key, 'digest', 'placement', 'seq', 'story', 'total', 'day')
  local fields, terms = eights(prints), split(joined)
  local seq, found, frequencies
  if known[1] == digest and known[2] then return {'done', known[2]} end
  if known[1] == digest then
    seq, found, frequencies = tonumber(known[3]), read(POSTINGS, fields), read(FREQUENCIES, terms)
  else
    if known[1] then unindex(id) end
    expire(cutoff, most)
    seq, found, frequencies = redis.call('HINCRBY', STATE, 'seq', 1), read(POSTINGS, fields), read(FREQUENCIES, terms)
    post(POSTINGS, fields, found, me, IDS_A_PRINT)
    if digest ~= '' then
      local same = (redis.call('HGET', TEXTS, digest) or '') .. me
      -- The oldest is what copies are named after; of the others the newest stay.
      if #same > IDS_A_TEXT * 8 then same = same:sub(1, 8) .. same:sub(17) end
      redis.call('HSET', TEXTS, digest, same)
    end
    tally(terms, frequencies, 1)
    for i = 1, #terms do frequencies[i] = tonumber(frequencies[i] or 0) + 1 end
    redis.call('HDEL', key, 'placement')
    redis.call('HSET', key, 'digest', digest, 'prints', prints, 'terms', joined, 'text', text, 'seq', seq)
    redis.call('ZADD', TIMES, seen, id)
  end
  local exact, copied = '', ''
  if digest ~= '' then
    local oldest = (redis.call('HGET', TEXTS, digest) or ''):sub(1, 8)
    if oldest ~= me and oldest ~= '' then
      exact = hex(oldest)
      copied = redis.call('HGET', DOCUMENT .. exact, 'story') or ''
      if copied ~= '' then copied = resolve(copied) end
    end
  end
  local before = known[4] and resolve(known[4]) or ''
  local more = table.concat({before, copied}, ',')
  for i = 1, #terms do frequencies[i] = tonumber(frequencies[i] or 0) end
  return {
    'open', seq, exact, candidates(found, me, seq), tonumber(redis.call('HGET', STATE, 'documents') or 0), frequencies,
    {before, known[5] or '', known[6] or ''}, copied, more, redis.call('EXISTS', STORY .. new),
    stories(rank, weights, more),
  }
end

-- id, digest, seq, version, stories' digest, ranked terms, weights, more stories, alias ms,
-- placement, story, vector, day, and the writes
function step.commit()
  local id, digest, seq, version, seen, rank, weights, more, alias, placement, story, total, day = unpack(ARGV, 4, 16)
  local key = DOCUMENT .. id
  local known = redis.call('HMGET', key, 'digest', 'seq', 'placement')
  if known[1] ~= digest or known[2] ~= seq then return {'lost'} end
  if known[3] then return {'done', known[3]} end
  if (redis.call('HGET', STATE, 'version') or '0') ~= version then
    local now = stories(rank, weights, more)
    if now[2] ~= seen then return {'changed', now} end
  end
  apply(17, alias)
  redis.call('HSET', key, 'placement', placement)
  if story == '' then
    redis.call('HDEL', key, 'story', 'total', 'day')
  else
    redis.call('HSET', key, 'story', story, 'total', total, 'day', day)
  end
  return {'done', placement}
end

-- id
function step.look()
  local known = redis.call('HMGET', DOCUMENT .. ARGV[4], 'seq', 'story', 'total', 'day')
  local more = known[2] and resolve(known[2]) or ''
  return {known[1] or '', more, known[3] or '', known[4] or '', stories('', '', more)}
end

-- id, seq, version, stories' digest, more stories, alias ms, and the writes
function step.drop()
  local id, seq, version, seen, more, alias = unpack(ARGV, 4, 9)
  if redis.call('HGET', DOCUMENT .. id, 'seq') ~= seq then return {'changed'} end
  if (redis.call('HGET', STATE, 'version') or '0') ~= version and stories('', '', more)[2] ~= seen then
    return {'changed'}
  end
  forget_document(id)
  apply(10, alias)
  return {'done'}
end

return step[ARGV[1]]()
