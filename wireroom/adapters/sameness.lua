-- The index of sameness: every step that must be whole. Run through EVALSHA; the first argument names the step.
--
-- enter   puts documents' fingerprints and terms into the index and says what came before each
-- fetch   reads texts and stories
-- commit  puts documents into their stories and keeps the answers, unless the stories they were decided on have changed
-- look    reads one document's story
-- drop    takes a document out of the index and of its story, unless that story has changed
--
-- KEYS: postings, texts, frequencies, terms, times, stories, state
-- ARGV: step, prefix of documents' keys, prefix of stories' keys, then the step's own.
-- Postings are strings of raw ids of 8 bytes, the newest last. A story's `mark` is a digest of what it holds.

local POSTINGS, TEXTS, FREQUENCIES, TERMS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local TIMES, STORIES, STATE = KEYS[5], KEYS[6], KEYS[7]
local DOCUMENT, STORY = ARGV[2], ARGV[3]
local IDS_A_PRINT, IDS_A_TEXT, STORIES_A_TERM = 48, 64, 48
local IDS_UNCOMMON = 8 -- documents that hold a fingerprint from which on it counts less
local MAX_NEAR, MAX_STORIES, MAX_POSTED, OVERDUE = 24, 6, 200, 4
local PRIOR, COMMON = 500, 8 -- a word that an eighth of all documents hold finds no story
local LEAST_SHARED = 0.05 -- of the weight of a document's first terms
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

-- Reads what is not known yet of a hash, for many documents one after the other. False stands for what is not there.
local function recall(known, key, fields)
  local missing = {}
  for i = 1, #fields do
    if known[fields[i]] == nil then missing[#missing + 1] = fields[i] end
  end
  local values = read(key, missing)
  for i = 1, #missing do known[missing[i]] = values[i] end
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

local function discount(fields)
  local old, new, gone = read(FREQUENCIES, fields), {}, {}
  for i, field in ipairs(fields) do
    local value = tonumber(old[i] or 0) - 1
    if value > 0 then
      new[#new + 1], new[#new + 2] = field, value
    else
      gone[#gone + 1] = field
    end
  end
  write(FREQUENCIES, new, gone)
  if #fields > 0 then redis.call('HINCRBY', STATE, 'documents', -1) end
end

-- Takes a document's text out of the index; its story and its answer are not touched. Where it comes back with the text
-- `same`, only its title or its date is another: it keeps its place among the copies of that text.
local function unindex(id, same)
  local known = redis.call('HMGET', DOCUMENT .. id, 'digest', 'prints', 'terms')
  if not known[1] then return end
  local me, terms = raw(id), split(known[3])
  unpost(POSTINGS, eights(known[2]), me)
  if known[1] ~= '' and known[1] ~= same then unpost(TEXTS, {known[1]}, me) end
  discount(terms)
  redis.call('HDEL', DOCUMENT .. id, 'digest', 'prints', 'terms', 'weights', 'text') -- so that it is never counted out twice
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
local function expire(cutoff, most, coming)
  local number = OVERDUE * coming
  local old = redis.call('ZRANGEBYSCORE', TIMES, '-inf', '(' .. cutoff, 'LIMIT', 0, number)
  local above = redis.call('ZCARD', TIMES) + coming - #old - tonumber(most)
  if #old == 0 and above > 0 then old = redis.call('ZRANGE', TIMES, 0, math.min(number, above) - 1) end
  for _, id in ipairs(old) do forget_document(id) end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', STORIES, '-inf', '(' .. cutoff, 'LIMIT', 0, number)) do
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

-- The documents that share two fingerprints or more and came before: id and digest of each. What many documents hold, the
-- frame of a site or a figure of speech, counts less; of a text that many print, all of it does, so that it is still found.
local function candidates(found, me, seq)
  local counts = {}
  for i = 1, #found do
    local value = found[i]
    if value then
      local weight = math.min(1, IDS_UNCOMMON * 8 / #value)
      for id in value:gmatch('........') do counts[id] = (counts[id] or 0) + weight end
    end
  end
  counts[me] = nil
  local near = {}
  for _, id in ipairs(best(counts, 2, MAX_NEAR)) do
    local known = redis.call('HMGET', DOCUMENT .. hex(id), 'seq', 'digest')
    if known[1] and tonumber(known[1]) < seq then
      near[#near + 1] = hex(id)
      near[#near + 1] = known[2]
    end
  end
  return near
end

-- The stories to decide on, raw id and mark of each in one string: those that share most weight of the first terms, and
-- `more` whatever they share. A term's weight is its byte times how rare it is. Those that share next to nothing of it
-- could not be joined: they are left out.
local function stories(terms, weights, frequencies, posted, more, all)
  local scores, bytes, whole = {}, {weights:byte(1, -1)}, 0
  for i = 1, #bytes do
    local term = terms[i]
    local value = posted[term]
    local frequency = tonumber(frequencies[term] or 0) + 1
    local weight = bytes[i] * math.log(all / frequency)
    whole = whole + weight
    if value and frequency * COMMON < all then
      for id in value:gmatch('........') do scores[id] = (scores[id] or 0) + weight end
    end
  end
  local ids, found = best(scores, whole * LEAST_SHARED, MAX_STORIES), {}
  for _, id in ipairs(more) do
    if id ~= '' then ids[#ids + 1] = raw(id) end
  end
  for _, id in ipairs(ids) do
    local mark = redis.call('HGET', STORY .. hex(id), 'mark')
    if mark then
      found[#found + 1] = id
      found[#found + 1] = mark
    end
  end
  return table.concat(found)
end

-- The same for a document that has been entered.
local function again(id, more)
  local known = redis.call('HMGET', DOCUMENT .. id, 'terms', 'weights')
  local terms, weights = split(known[1] or ''), known[2] or ''
  local first = {unpack(terms, 1, #weights)}
  local frequencies, posted = {}, {}
  recall(frequencies, FREQUENCIES, first)
  recall(posted, TERMS, first)
  local all = tonumber(redis.call('HGET', STATE, 'documents') or 0) + PRIOR
  return stories(first, weights, frequencies, posted, more, all)
end

local function save(id, mark, state, total, seen, joined)
  local key, me = STORY .. id, raw(id)
  local posted, known, new, old = split(redis.call('HGET', key, 'posted') or ''), {}, {}, {}
  for i = 1, #posted do known[posted[i]] = true end
  local terms = split(joined)
  local values = read(TERMS, terms)
  for i = 1, #terms do
    local term = terms[i]
    -- A story that goes on is posted again where newer stories have pushed it out.
    local there = known[term] and values[i] and holds(values[i], me)
    if not there and (known[term] or #posted < MAX_POSTED) then
      local at = #new + 1
      new[at], old[at] = term, values[i]
      if not known[term] then posted[#posted + 1] = term end
    end
  end
  if #new > 0 then post(TERMS, new, old, me, STORIES_A_TERM) end
  redis.call('HSET', key, 'mark', mark, 'state', state, 'total', total, 'posted', cjson.encode(posted))
  redis.call('ZADD', STORIES, seen, id)
end

-- Writes from ARGV[at]: how many to save, six values each; how many to end, two values each (id; what it became or '').
local function apply(at, alias_ms)
  local saves = tonumber(ARGV[at])
  for i = 0, saves - 1 do save(unpack(ARGV, at + 1 + 6 * i, at + 6 + 6 * i)) end
  at = at + 1 + 6 * saves
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

local function version()
  return redis.call('HGET', STATE, 'version') or '0'
end

-- Whether stories, given as raw id and mark of 8 bytes each, are as they were.
local function unchanged(marks)
  for at = 1, #marks, 16 do
    if redis.call('HGET', STORY .. hex(marks:sub(at, at + 7)), 'mark') ~= marks:sub(at + 8, at + 15) then return false end
  end
  return true
end

-- Whether the stories to decide on are among those that were looked at; both as `stories` gives them.
local function all_known(now, looked)
  for at = 1, #now, 16 do
    if not holds(looked, now:sub(at, at + 7)) then return false end
  end
  return true
end

local step = {}

-- Puts a text that is new into the index; returns what stood in the index before it.
local function index(id, me, seen, digest, face, prints, joined, text, weights, old)
  local fields = eights(prints)
  local found = read(POSTINGS, fields)
  post(POSTINGS, fields, found, me, IDS_A_PRINT)
  if digest ~= '' and digest ~= old then
    local same = (redis.call('HGET', TEXTS, digest) or '') .. me
    -- The oldest is what copies are named after; of the others the newest stay.
    if #same > IDS_A_TEXT * 8 then same = same:sub(1, 8) .. same:sub(17) end
    redis.call('HSET', TEXTS, digest, same)
  end
  local seq = redis.call('HINCRBY', STATE, 'seq', 1)
  if old then redis.call('HDEL', DOCUMENT .. id, 'placement') end
  redis.call('HSET', DOCUMENT .. id, 'digest', digest, 'face', face, 'prints', prints, 'terms', joined,
    'weights', weights, 'text', text, 'seq', seq)
  redis.call('ZADD', TIMES, seen, id)
  return seq, found
end

-- id of the oldest document of this text, and of its story
local function copied_from(digest, me)
  if digest == '' then return '', '' end
  local oldest = (redis.call('HGET', TEXTS, digest) or ''):sub(1, 8)
  if oldest == me or oldest == '' then return '', '' end
  local story = redis.call('HGET', DOCUMENT .. hex(oldest), 'story')
  return hex(oldest), story and resolve(story) or ''
end

-- cutoff ms, most documents, how many, and of each:
-- id, seen ms, digest of the text, digest of title and date, prints, terms, text, bytes of the first terms' weights,
-- new story id
function step.enter()
  local cutoff, most, number = ARGV[4], ARGV[5], tonumber(ARGV[6])
  expire(cutoff, most, number)
  local documents, counted = tonumber(redis.call('HGET', STATE, 'documents') or 0), 0
  local frequencies, posted, dirty, answers = {}, {}, {}, {}
  local function flush()
    local new = {}
    for term in pairs(dirty) do
      new[#new + 1] = term
      new[#new + 1] = frequencies[term]
    end
    write(FREQUENCIES, new, {})
    if counted > 0 then redis.call('HINCRBY', STATE, 'documents', counted) end
    frequencies, dirty, counted = {}, {}, 0
  end
  for i = 1, number do
    local id, seen, digest, face, prints, joined, text, weights, new = unpack(ARGV, 9 * i - 2, 9 * i + 6)
    local known = redis.call('HMGET', DOCUMENT .. id, 'digest', 'placement', 'seq', 'story', 'total', 'day', 'face')
    local entered = known[1] == digest and known[7] == face
    if entered and known[2] then
      answers[i] = {'done', known[2]}
    else
      local me, terms = raw(id), split(joined)
      local seq, found
      if entered then
        seq, found = tonumber(known[3]), read(POSTINGS, eights(prints))
        recall(frequencies, FREQUENCIES, terms)
      else
        if known[1] then
          flush()
          unindex(id, digest)
          documents = tonumber(redis.call('HGET', STATE, 'documents') or 0)
        end
        seq, found = index(id, me, seen, digest, face, prints, joined, text, weights, known[1])
        recall(frequencies, FREQUENCIES, terms)
        for at = 1, #terms do
          local term = terms[at]
          frequencies[term] = tonumber(frequencies[term] or 0) + 1
          dirty[term] = true
        end
        if #terms > 0 then documents, counted = documents + 1, counted + 1 end
      end
      local exact, copied = copied_from(digest, me)
      local before = known[4] and resolve(known[4]) or ''
      local first, numbers = {unpack(terms, 1, #weights)}, {}
      recall(posted, TERMS, first)
      for at = 1, #terms do numbers[at] = tonumber(frequencies[terms[at]] or 0) end
      answers[i] = {
        'open', seq, exact, candidates(found, me, seq), documents, numbers, before, known[5] or '', known[6] or '', copied,
        redis.call('EXISTS', STORY .. new),
        stories(first, weights, frequencies, posted, {before, copied}, documents + PRIOR),
      }
    end
  end
  flush()
  return {version(), answers}
end

-- how many documents, their ids, and the ids of stories: texts, then mark, state and sum of each that is there
function step.fetch()
  local documents = tonumber(ARGV[4])
  local texts, found = {}, {}
  for i = 5, 4 + documents do texts[#texts + 1] = redis.call('HGET', DOCUMENT .. ARGV[i], 'text') end
  for i = 5 + documents, #ARGV do found[#found + 1] = redis.call('HMGET', STORY .. ARGV[i], 'mark', 'state', 'total') end
  return {texts, found}
end

-- version, marks of the stories that mattered, alias ms, how many documents, and of each:
-- id, digest, seq, the stories that were looked at, more stories (two ids or ''), placement, story, vector, day
-- and then the writes
function step.commit()
  local at, marks, alias, number = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
  local states, whole = {}, true
  for i = 1, number do
    local id, digest, seq = unpack(ARGV, 10 * i - 2, 10 * i)
    local known = redis.call('HMGET', DOCUMENT .. id, 'digest', 'seq', 'placement')
    if known[1] ~= digest or known[2] ~= seq then
      states[i], whole = {'lost'}, false
    elseif known[3] then
      states[i], whole = {'done', known[3]}, false
    end
  end
  local now = version()
  if not whole or now ~= at then
    whole = whole and unchanged(marks)
    for i = 1, number do
      if not states[i] then
        local id, _, _, looked, before, copied = unpack(ARGV, 10 * i - 2, 10 * i + 3)
        local ids = again(id, {before ~= '' and resolve(before) or '', copied ~= '' and resolve(copied) or ''})
        whole = whole and all_known(ids, looked)
        states[i] = {'open', ids}
      end
    end
    if not whole then return {'changed', now, states} end
  end
  apply(8 + 10 * number, alias)
  for i = 1, number do
    local id, _, _, _, _, _, placement, story, total, day = unpack(ARGV, 10 * i - 2, 10 * i + 7)
    if story == '' then
      redis.call('HSET', DOCUMENT .. id, 'placement', placement)
      redis.call('HDEL', DOCUMENT .. id, 'story', 'total', 'day')
    else
      redis.call('HSET', DOCUMENT .. id, 'placement', placement, 'story', story, 'total', total, 'day', day)
    end
  end
  return {'done'}
end

-- id
function step.look()
  local known = redis.call('HMGET', DOCUMENT .. ARGV[4], 'seq', 'story', 'total', 'day')
  return {known[1] or '', known[2] and resolve(known[2]) or '', known[3] or '', known[4] or ''}
end

-- id, seq, marks of its story, alias ms, and the writes
function step.drop()
  local id, seq, marks, alias = unpack(ARGV, 4, 7)
  if redis.call('HGET', DOCUMENT .. id, 'seq') ~= seq or not unchanged(marks) then return {'changed'} end
  forget_document(id)
  apply(8, alias)
  return {'done'}
end

return step[ARGV[1]]()
