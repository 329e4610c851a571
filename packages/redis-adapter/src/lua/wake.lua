-- Tells one of the instances that wait for work of a queue, which its hash of jobs stands for. One that is gone has no receivers; across a cluster that cannot be told, so all are told.
local function wake(waiters, queue, clustered)
  while true do
    local waiter = redis.call('ZPOPMIN', waiters)[1]
    if not waiter then return end
    if redis.call('PUBLISH', waiter, queue) > 0 and not clustered then return end
  end
end
