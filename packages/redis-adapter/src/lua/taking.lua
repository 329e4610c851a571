-- What one claim takes.
local function new_haul(limit, claim)
  return { limit = limit, claim = claim, fresh = fresh_state(claim, now), ids = {}, texts = {}, writes = {}, count = 0, bytes = 0, activated = 0 }
end

local function is_full(haul)
  return haul.count >= haul.limit or haul.bytes >= BYTES
end

local function add(haul, id, text, state)
  local n = haul.count + 1
  haul.count = n
  haul.ids[n], haul.texts[n] = id, text
  haul.writes[2 * n - 1], haul.writes[2 * n] = id, state
  haul.bytes = haul.bytes + #text
end

-- The same for many in one state, without those whose record is gone, as long as there is room. Answers how many it has looked at.
local function add_all(haul, ids, texts, state)
  local all_ids, all_texts, writes, n, bytes = haul.ids, haul.texts, haul.writes, haul.count, haul.bytes
  local looked = 0
  while looked < #ids and bytes < BYTES do
    looked = looked + 1
    local text = texts[looked]
    if text and text ~= '' then
      n = n + 1
      local id = ids[looked]
      all_ids[n], all_texts[n] = id, text
      writes[2 * n - 1], writes[2 * n] = id, state
      bytes = bytes + #text
    end
  end
  haul.count, haul.bytes = n, bytes
  return looked
end

-- The state of a job that is claimed; `state` is undefined for one that was never claimed before.
local function claimed_state(haul, state, flags, expired)
  if not state then
    if flags == '' then return haul.fresh end
    state = unclaimed(flags)
  end
  local s = copy(state)
  s.st, s.claim, s.claimed_at = 'a', haul.claim, now
  s.attempt = tonumber(s.attempt) + 1
  -- The first crash counts always, a later one only of a job that had begun.
  if expired and (tonumber(s.crashes) == 0 or has(s.flags, 'b')) then s.crashes = tonumber(s.crashes) + 1 end
  s.flags = without(s.flags, 'b')
  return compose(s)
end

-- Takes over jobs whose lease ran out; `expired`: claims whose lease did.
local function take_expired(K, haul, expired)
  local function take_over(id, state)
    local text = redis.call('HGET', K.jobs, id)
    if text and text ~= '' then add(haul, id, text, claimed_state(haul, state, '', true)) end
  end
  for _, claim in ipairs(expired) do
    if is_full(haul) then return end
    write_states_of(claim)
    local ids = split(redis.call('HGET', K.claims, claim) or '')
    local apart = {}
    if #ids > 0 and redis.call('EXISTS', K.single) == 1 then apart = redis.call('ZMSCORE', K.single, unpack(ids)) end
    local left = {}
    for i, text in ipairs(#ids > 0 and redis.call('HMGET', K.state, unpack(ids)) or {}) do
      local state = text and parse(text)
      if state and state.st == 'a' and state.claim == claim and not apart[i] then
        if is_full(haul) then left[#left + 1] = ids[i] else take_over(ids[i], state) end
      end
    end
    if #left > 0 then
      redis.call('HSET', K.claims, claim, table.concat(left, '\n'), '#' .. claim, #left)
    else
      redis.call('HDEL', K.claims, claim, '#' .. claim)
      redis.call('ZREM', K.leases, claim)
    end
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.single, '-inf', now, 'LIMIT', 0, haul.limit - haul.count)) do
    if is_full(haul) then return end
    local text = redis.call('HGET', K.state, id)
    local state = text and parse(text)
    redis.call('ZREM', K.single, id)
    if state and state.st == 'a' then take_over(id, state) end
  end
end

-- Lets scheduled jobs that fell due stand in line: those never claimed at its end, the others ahead.
local function promote(K)
  local due = redis.call('ZRANGEBYSCORE', K.later, '-inf', now, 'LIMIT', 0, 1000)
  if #due == 0 then return end
  local states = redis.call('HMGET', K.state, unpack(due))
  local ready, front = {}, {}
  for i, id in ipairs(due) do
    -- One by one: all together they might fill the memory.
    local text = glance(K, id)
    if text and text ~= '' then
      local score, member = place(id, text, states[i] and parse(states[i]))
      if score == 0 and not states[i] then
        ready[#ready + 1] = id
      else
        front[#front + 1] = score
        front[#front + 1] = member
      end
    end
  end
  call_with('RPUSH', K.ready, ready)
  call_with('ZADD', K.front, front)
  redis.call('ZREM', K.later, unpack(due))
end

-- The first of its group, or one without: others are parked until it is their turn.
local function may_start(K, id, text, state)
  local flags, _, group = traits(text)
  if not has(flags, 'g') then return true end
  local _, member = place(id, text, state)
  local head = redis.call('ZRANGEBYLEX', K.groups, '[' .. group .. '\n', '[' .. group .. '\n\255', 'LIMIT', 0, 1)[1]
  if not head or head == group .. '\n' .. member then return true end
  redis.call('SADD', K.parked, id)
  return false
end

-- Whether an entry of `ready` is void, since its job was taken out of the line.
local function is_ghost(K, id)
  local count = redis.call('HGET', K.ghosts, id)
  if not count then return false end
  if tonumber(count) > 1 then redis.call('HINCRBY', K.ghosts, id, -1) else redis.call('HDEL', K.ghosts, id) end
  redis.call('HINCRBY', K.meta, 'ghosts', -1)
  return true
end

-- Takes what has waited in front: jobs with a priority, and those that have been claimed before or had to wait for their group. Answers how many it
-- has looked at.
local function take_front(K, haul)
  local popped = redis.call('ZPOPMIN', K.front, math.min(SLICE, haul.limit - haul.count))
  if #popped == 0 then return 0 end
  local ids = {}
  for i = 1, #popped, 2 do ids[#ids + 1] = string.sub(popped[i], ORDER + 1) end
  local room, looked = room_for(ids, haul.bytes), 0
  local texts = redis.call('HMGET', K.jobs, unpack(ids, 1, room))
  local states = redis.call('HMGET', K.state, unpack(ids, 1, room))
  while looked < room and not is_full(haul) do
    looked = looked + 1
    local id, text, state = ids[looked], texts[looked], states[looked] and parse(states[looked])
    if text and text ~= '' and may_start(K, id, text, state) then
      add(haul, id, text, claimed_state(haul, state, traits(text), false))
      haul.activated = haul.activated + 1
    end
  end
  for i = looked + 1, #ids do redis.call('ZADD', K.front, popped[2 * i], popped[2 * i - 1]) end
  return looked
end

-- Takes jobs that were never claimed, in the order of enqueueing. `special`: there are groups, unique keys or void entries. Answers how many it has
-- looked at.
local function take_ready(K, haul, special)
  local ids = redis.call('LPOP', K.ready, math.min(SLICE, haul.limit - haul.count))
  if not ids or #ids == 0 then return 0 end
  put_back(ids, room_for(ids, haul.bytes) + 1)
  local texts = redis.call('HMGET', K.jobs, unpack(ids))
  local before, looked = haul.count, 0
  if special then
    while looked < #ids and not is_full(haul) do
      looked = looked + 1
      local id, text = ids[looked], texts[looked]
      if not is_ghost(K, id) and text and text ~= '' and may_start(K, id, text) then
        add(haul, id, text, claimed_state(haul, nil, traits(text), false))
      end
    end
  else
    looked = add_all(haul, ids, texts, claimed_state(haul, nil, '', false))
  end
  put_back(ids, looked + 1)
  haul.activated = haul.activated + haul.count - before
  return looked
end

-- Takes from one of the two until there is no more, the haul is full, or it has looked at so many. Answers at how many it may look then.
local function take(K, haul, budget, from_there, special)
  while budget > 0 and not is_full(haul) do
    local looked = from_there(K, haul, special)
    if looked == 0 then return budget end
    budget = budget - looked
  end
  return budget
end

-- When something can be claimed that cannot be now, if nobody does anything: milliseconds, or -1.
local function next_event(K)
  local first
  for _, set in ipairs({ K.later, K.leases, K.single }) do
    local time = tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2])
    if time and (not first or time < first) then first = time end
  end
  return first and math.max(0, first - now) or -1
end

-- Claims up to `limit` jobs. Answers how many, their ids, their texts as `joined` puts them together, the states of those that were claimed before, the time, and when to ask again.
-- Most queues have nothing but plain jobs most of the time, so what else there may be is asked for at once.
local function claim(K, limit, lease, name, clustered)
  local facts = redis.call('HMGET', K.meta, 'paused', 'sweep')
  if facts[2] and tonumber(facts[2]) <= now then
    allow_when_full()
    sweep(K)
  end
  if facts[1] then return { 0, '', {}, '', now, -1 } end
  local haul = new_haul(limit, name)
  local expired = redis.call('ZRANGEBYSCORE', K.leases, '-inf', now, 'LIMIT', 0, 10)
  local has_more = redis.call('EXISTS', K.single, K.later, K.front, K.groups, K.unique, K.ghosts) > 0
  local budget = limit + 1000
  if #expired > 0 or has_more then
    allow_when_full()
    take_expired(K, haul, expired)
    promote(K)
    budget = take(K, haul, budget, take_front)
  end
  local known = haul.count
  local is_special = has_more and redis.call('EXISTS', K.groups, K.unique, K.ghosts) > 0
  budget = take(K, haul, budget, take_ready, is_special)

  local count = haul.count
  if count == 0 then return { 0, '', {}, '', now, budget > 0 and next_event(K) or 0 } end
  redis.call('HSET', K.state, unpack(haul.writes))
  local ids = hold(haul.ids, name, lease, haul.activated)
  -- Who was told to look leaves the rest to the next.
  if is_full(haul) and redis.call('EXISTS', K.waiters) == 1 and redis.call('EXISTS', K.ready, K.front) > 0 then
    wake(K.waiters, K.jobs, clustered)
  end
  local states = {}
  for i = 1, is_special and count or known do states[i] = haul.writes[2 * i] end
  return { count, ids, joined(haul.texts, haul.bytes), table.concat(states, '\n'), now, 0 }
end
