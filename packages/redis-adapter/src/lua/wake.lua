-- A claim that waits is the channel of its instance, the name of what it offers to hold, and for how long, by lines. Tells it to look for itself; answers how
-- many heard it.
local function tell_waiter(waiter, queue)
  local channel, offer = string.match(waiter, '^(.*)\n(.*)\n.*$')
  return redis.call('PUBLISH', channel, queue .. '\n' .. offer)
end

-- Tells one of those that wait for work of a queue, which its hash of jobs stands for. One that is gone has no receivers; across a cluster that cannot be
-- told, so all are told.
local function wake(waiters, queue, clustered)
  while true do
    local waiter = redis.call('ZPOPMIN', waiters)[1]
    if not waiter then return end
    if tell_waiter(waiter, queue) > 0 and not clustered then return end
  end
end
