-- Adds entries to the lists in `notes`, each with its length before it, and keeps the newest `most` of each.
local function append(K, kind, ids, values, most)
  local fields = {}
  for i, id in ipairs(ids) do fields[i] = kind .. id end
  local writes = {}
  for i, old in ipairs(redis.call('HMGET', K.notes, unpack(fields))) do
    local entries = {}
    local at = 1
    while old and at <= #old do
      local colon = string.find(old, ':', at, true)
      local stop = colon + tonumber(string.sub(old, at, colon - 1))
      entries[#entries + 1] = string.sub(old, at, stop)
      at = stop + 1
    end
    for _, value in ipairs(values[i]) do entries[#entries + 1] = #value .. ':' .. value end
    writes[2 * i - 1] = fields[i]
    writes[2 * i] = table.concat(entries, '', math.max(1, #entries - most + 1))
  end
  redis.call('HSET', K.notes, unpack(writes))
end

-- Which ids are leased one by one, by index.
local function apart_of(K, ids)
  if redis.call('EXISTS', K.single) == 0 then return {} end
  return redis.call('ZMSCORE', K.single, unpack(ids))
end

-- Gives the leases of jobs back that are active no more.
local function give_back(K, claim, ids)
  local own = {}
  for i, end_of_lease in pairs(apart_of(K, ids)) do
    if end_of_lease then own[#own + 1] = ids[i] end
  end
  call_with('ZREM', K.single, own)
  leave_claim(claim, #ids - #own)
  redis.call('HINCRBY', K.meta, 'active', -#ids)
end

-- Lets jobs stand in line again, after a delay or at once.
local function send_back(K, ids, states, delay, counts)
  local texts = redis.call('HMGET', K.jobs, unpack(ids))
  local writes, later, front = {}, {}, {}
  for i, id in ipairs(ids) do
    local s = copy(parse(states[i]))
    s.st = 'w'
    s.flags = without(s.flags, 'b')
    if counts then s.failures = tonumber(s.failures) + 1 end
    writes[2 * i - 1], writes[2 * i] = id, compose(s)
    if delay > 0 then
      later[#later + 1] = from + delay
      later[#later + 1] = id
    elseif texts[i] then
      local score, member = place(id, texts[i], s)
      front[#front + 1] = score
      front[#front + 1] = member
    end
  end
  redis.call('HSET', K.state, unpack(writes))
  put_off(K, later)
  put_in_front(K, front)
end

-- Stores the errors or results of jobs. Answers the texts of their states with that noted.
local function annotate(K, ids, states, values, flag)
  if flag == 'e' then
    local lists = {}
    for i, value in ipairs(values) do lists[i] = { value } end
    append(K, 'e', ids, lists, 20)
  else
    local writes = {}
    for i, id in ipairs(ids) do
      writes[2 * i - 1] = 'r' .. id
      writes[2 * i] = values[i]
    end
    redis.call('HSET', K.notes, unpack(writes))
  end
  local noted = {}
  for i, text in ipairs(states) do
    local s = copy(parse(text))
    s.flags = with(s.flags, flag)
    noted[i] = compose(s)
  end
  return noted
end

-- 'held': the job is at work under this claim; 'settled': it was, and this is a repeat; else 'lost'.
local function verdict_on(text, attempt, claim)
  local state = text and parse(text)
  if not state or not is_of(state, attempt, claim) then return 'lost' end
  return state.st == 'a' and 'held' or 'settled'
end

-- Settles jobs of one claim and attempt in one way. ARGV from `at`: attempt, claim, outcome (c, d, x, or w for a return), keep or delay, whether
-- it counts as a failure, whether each has a value, how many they are, their ids, the length of these (0 if it differs), the values, how many batches
-- follow, and the batches, each after the place of its queue's keys. Notes in `lost` the place of each job that this claim does not hold, and answers where the next ones begin.
local function settle_some(K, at, first, lost, clustered)
  local attempt, claim, outcome, span, counts = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4] == '1'
  local valued, total, together, length = ARGV[at + 5] == '1', tonumber(ARGV[at + 6]), ARGV[at + 7], tonumber(ARGV[at + 8])
  at = at + 9
  write_states_of(claim)
  local ids = split_evenly(together, length)
  local texts = states_of(K, ids)
  local held, states, values = {}, {}, {}
  local known, verdict
  local count = 0
  for i = 1, total do
    local text = texts[i]
    if text ~= known then
      known, verdict = text, verdict_on(text, attempt, claim)
    end
    if verdict == 'held' then
      count = count + 1
      held[count], states[count] = ids[i], text
      if valued then values[count] = ARGV[at + i - 1] end
    elseif verdict == 'lost' then
      lost[#lost + 1] = first + i
    end
  end
  if count < total then together = table.concat(held, '\n') end
  if valued then at = at + total end
  if count > 0 then
    give_back(K, claim, held)
    if valued and (span > 0 or outcome == 'w') then
      states = annotate(K, held, states, values, outcome == 'c' and 'r' or 'e')
    end
    if outcome == 'w' then
      send_back(K, held, states, span, counts)
    else
      finish(K, held, states, outcome, span, together)
    end
    wake_if_stirred(K, clustered)
  end
  at = follow(K, at, count > 0, clustered)
  return at, first + total
end

-- ARGV[at] says how many groups of settlements follow. Answers the places of those that are lost, and where what comes after them begins.
local function settle(K, at, clustered)
  local lost, first = {}, 0
  local groups = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, groups do at, first = settle_some(K, at, first, lost, clustered) end
  return lost, at
end
