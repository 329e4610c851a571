-- What it takes to claim plain jobs that were never claimed before.

-- Whether nothing is to be done but to take what is ready: the queue is not paused, nothing is due to be swept, no lease has run out, and there is no
-- job that left its claim's lease, is scheduled, stands in front, has a group or a unique key, or was taken out of the line: `...` are their keys.
local function is_plain_queue(meta, leases, ...)
  local facts = redis.call('HMGET', meta, 'paused', 'sweep')
  return not facts[1]
    and not (facts[2] and tonumber(facts[2]) <= now)
    and #redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 1) == 0
    and redis.call('EXISTS', ...) == 0
end

-- The state of a plain job that was claimed for the first time, at that time.
local function fresh_state(name, time)
  return 'a 1 ' .. name .. ' ' .. time .. ' 0 0 0 - 0 0 -'
end
