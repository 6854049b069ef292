-- Reads the alias index in one round trip; writes nothing. Run through EVALSHA.
--
-- KEYS: the times of its documents
-- ARGV: prefix of aliases, prefix of documents, the document's id, most documents of the index, most of an alias,
--       then by turns an alias and d (with its documents) or n (its spellings only)
-- Answer: the aliases the document stands under now; documents that are over the budget; and of each alias: its spellings
-- (field and value by turns), its documents (names and context by turns), and the ids that should leave it.

local TIMES, ALIAS, DOCUMENT = KEYS[1], ARGV[1], ARGV[2]
local me, budget, most = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

-- Those of an alias that stay, the oldest first where there are too many; those that are gone from the index leave it.
local function kept(ids)
  local there, gone = {}, {}
  for i = 1, #ids do
    local at = redis.call('ZSCORE', TIMES, ids[i])
    if at then
      there[#there + 1] = {tonumber(at), ids[i]}
    else
      gone[#gone + 1] = ids[i]
    end
  end
  table.sort(there, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  for i = 1, #there - most do gone[#gone + 1] = there[i][2] end
  return gone
end

local function look(alias, mode)
  local known = redis.call('HGETALL', ALIAS .. alias)
  local spelt, ids, names = {}, {}, {}
  for i = 1, #known, 2 do
    if known[i]:sub(1, 1) == '=' then
      spelt[#spelt + 1], spelt[#spelt + 2] = known[i], known[i + 1]
    else
      ids[#ids + 1], names[#names + 1] = known[i], known[i + 1]
    end
  end
  local seen, gone = {}, {}
  if #ids > most + most / 4 then gone = kept(ids) end
  if mode == 'd' then
    for i = 1, #ids do
      local context = ids[i] ~= me and redis.call('HGET', DOCUMENT .. ids[i], 'context')
      if context then seen[#seen + 1], seen[#seen + 2] = names[i], context end
    end
  end
  return {spelt, seen, gone}
end

local answer = {redis.call('HGET', DOCUMENT .. me, 'aliases') or ''}
local above = redis.call('ZCARD', TIMES) - budget
answer[2] = above > 0 and redis.call('ZRANGE', TIMES, 0, math.min(above, 16) - 1) or {}
for i = 6, #ARGV, 2 do answer[#answer + 1] = look(ARGV[i], ARGV[i + 1]) end
return answer
