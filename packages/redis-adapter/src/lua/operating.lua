-- Takes a job that waits or is scheduled out of the place where it stands.
local function displace(K, id, text, state)
  if redis.call('ZREM', K.later, id) == 1 or redis.call('SREM', K.parked, id) == 1 then return end
  local _, member = place(id, text, state)
  if redis.call('ZREM', K.front, member) == 1 then return end
  -- In a list it can only be marked, or all others had to be looked through; but at the head it can be taken out.
  if redis.call('LINDEX', K.ready, 0) == id and redis.call('HEXISTS', K.ghosts, id) == 0 then
    redis.call('LPOP', K.ready)
    return
  end
  redis.call('HINCRBY', K.ghosts, id, 1)
  redis.call('HINCRBY', K.meta, 'ghosts', 1)
end

-- Text, parsed state (false for none) and the letter of the state of a job.
local function look_up(K, id)
  local text = glance(K, id)
  local words = states_of(K, { id })[1]
  local state = words and parse(words)
  return text, state, state_of(text, state, redis.call('ZSCORE', K.later, id))
end

-- Drops a job that is not active as if it had never been; it stands nowhere any more.
local function erase(K, id, text, state)
  local flags = traits(text)
  local s = state or unclaimed(flags)
  if state and is_final(state) then
    local _, _, _, key = traits(text)
    local holder = key ~= '' and redis.call('HGET', K.unique, key)
    if holder == id or holder == '!' .. id then
      redis.call('HDEL', K.unique, key)
      redis.call('ZREM', K.windows, key)
    end
    redis.call('HINCRBY', K.meta, ZSETS[state.st], -1)
  else
    local _, _, _, key = traits(text)
    if key ~= '' and redis.call('HGET', K.unique, key) == id then redis.call('ZREM', K.windows, key) end
    release(K, id, s)
  end
  drop(K, { id }, { s }, false)
end

-- Entries of one time that are looked through.
local ENTRIES = 10

-- Jobs that ended together are one entry, which leaves when its time comes. It goes with the last of them, or who lists, or purges the next ones, would have to
-- go through it.
local function strike_entries(K, st, keep_until)
  local set = K[ZSETS[st]]
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', set, keep_until, keep_until, 'LIMIT', 0, ENTRIES)) do
    local left, _, number = still(K, entry, ended_so(st, keep_until))
    if #left == 0 then strike(K, set, entry, number) end
  end
end
