-- ARGV: state, name ('' for any), limit, cursor. Answers ids of jobs that match, and the cursor of what comes next, '' at the end. A cursor is the
-- place to read from next, and numbers that tell where in it. Looks at so many jobs at most; an answer with fewer than the limit may have a cursor all the same.
local MOST = 1000
local K = queue_at(1)
write_all_states()
local wanted, name, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local source, offset, score = string.match(ARGV[4], '^(%d+):(%d+):([%d.e+]*)$')
source, offset, score = tonumber(source or 1), tonumber(offset or 0), score or ''

local function ids_of(members)
  local ids = {}
  for i, member in ipairs(members) do ids[i] = string.sub(member, ORDER + 1) end
  return ids
end

-- Ids that were put away together, in the order of a score; the cursor keeps the score, since what comes before may go.
local function entries_from(set, list_of)
  local ids, scores = {}, {}
  local found = redis.call('ZRANGEBYSCORE', set, score ~= '' and score or '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, MOST)
  for i = 1, #found, 2 do
    for _, id in ipairs(list_of(found[i])) do
      ids[#ids + 1], scores[#scores + 1] = id, found[i + 1]
    end
    if #ids > offset + MOST then break end
  end
  return ids, scores
end

-- Each place where jobs of the state may be: answers up to MOST ids from the offset on, and for those with scores the scores of all it has read.
local function page(read) return function() return read(offset, offset + MOST - 1) end end
local sources = {
  w = {
    page(function(a, b) return ids_of(redis.call('ZRANGE', K.front, a, b)) end),
    page(function(a, b) return redis.call('LRANGE', K.ready, a, b) end),
    page(function(a, b)
      local parked = redis.call('SMEMBERS', K.parked)
      table.sort(parked)
      return { unpack(parked, a + 1, math.min(#parked, b + 1)) }
    end),
    page(function(a, b) return redis.call('ZRANGEBYSCORE', K.later, '-inf', now, 'LIMIT', a, b - a + 1) end),
  },
  s = { page(function(a, b) return redis.call('ZRANGEBYSCORE', K.later, '(' .. now, '+inf', 'LIMIT', a, b - a + 1) end) },
  a = {
    function() return entries_from(K.leases, function(claim) return split(redis.call('HGET', K.claims, claim) or '') end) end,
    page(function(a, b) return redis.call('ZRANGE', K.single, a, b) end),
  },
}
for st, set in pairs(ZSETS) do sources[st] = { function() return entries_from(K[set], read_entry) end } end

-- Texts are read one by one: all together they might fill the memory.
local function matches(id, words, due)
  local text, state = glance(K, id), words and parse(words)
  if state_of(text, state, due) ~= wanted then return false end
  return name == '' or string.match(text, '^([^\n]*)\n', ORDER + 2) == name or string.match(text, '^%a*\n([^\n]*)\n', ORDER + 2) == name
end

-- Whether an entry of `ready` is void: the first ones of an id are, as many as are counted.
local function is_void(id, index)
  local ghosts = redis.call('HGET', K.ghosts, id)
  return ghosts and redis.call('LPOS', K.ready, id, 'RANK', ghosts + 1) ~= index
end

local function cursor() return source .. ':' .. offset .. ':' .. score end

local answer, looked, seen = {}, 0, {}
while source <= #sources[wanted] do
  local ids, scores = sources[wanted][source]()
  -- A page begins at the offset; with scores the offset counts the ids of the first score that are done.
  local done = scores and offset or 0
  if #ids <= done then
    source, offset, score = source + 1, 0, ''
  else
    local asked = { unpack(ids, done + 1, math.min(#ids, done + MOST)) }
    local words = states_of(K, asked)
    local dues = redis.call('ZMSCORE', K.later, unpack(asked))
    for i, id in ipairs(asked) do
      if scores and scores[done + i] ~= score then score, offset = scores[done + i], 0 end
      -- Jobs leased one by one come after those of their claims.
      local elsewhere = wanted == 'a' and source == 1 and redis.call('ZSCORE', K.single, id)
      local in_ready = wanted == 'w' and source == 2
      if not elsewhere and not seen[id] and matches(id, words[i], dues[i]) and not (in_ready and is_void(id, offset)) then
        if #answer == limit then return { answer, cursor() } end
        seen[id] = true
        answer[#answer + 1] = id
      end
      offset = offset + 1
    end
    looked = looked + #asked
    if looked >= MOST then return { answer, cursor() } end
  end
end
return { answer, '' }
