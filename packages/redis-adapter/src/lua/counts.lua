-- Answers: whether there is more to sweep, then the numbers of jobs waiting, scheduled, active, completed, dead and cancelled, the age of the oldest that waits, and whether the queue is paused.
local K = queue_at(1)
local more = sweep(K)
local meta = redis.call('HMGET', K.meta, 'ghosts', 'active', 'completed', 'dead', 'cancelled', 'paused')
local function number(i) return tonumber(meta[i] or 0) end
local due = redis.call('ZCOUNT', K.later, '-inf', now)
local waiting = redis.call('LLEN', K.ready) - number(1) + redis.call('ZCARD', K.front) + redis.call('SCARD', K.parked) + due

-- The first of each place where jobs wait. Of those in front only the first hundred are asked for their age.
local candidates = {}
local void = {}
for _, id in ipairs(redis.call('LRANGE', K.ready, 0, 99)) do
  void[id] = void[id] or tonumber(redis.call('HGET', K.ghosts, id) or 0)
  if void[id] == 0 then
    candidates[1] = id
    break
  end
  void[id] = void[id] - 1
end
for _, member in ipairs(redis.call('ZRANGE', K.front, 0, 99)) do candidates[#candidates + 1] = string.sub(member, ORDER + 1) end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.later, '-inf', now, 'LIMIT', 0, 100)) do candidates[#candidates + 1] = id end
local oldest = '~'
if waiting > 0 then
  -- One by one: all together they might fill the memory.
  for _, id in ipairs(candidates) do
    local text = glance(K, id)
    if text and text ~= '' and text < oldest then oldest = string.sub(text, 1, ORDER) end
  end
end
return {
  more and 1 or 0, waiting, redis.call('ZCARD', K.later) - due, number(2), number(3), number(4), number(5),
  oldest == '~' and '' or oldest, now, meta[6] and 1 or 0,
}
