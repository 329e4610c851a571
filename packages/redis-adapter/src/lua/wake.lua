-- Tells one of the instances that wait for work of a queue, which its hash of jobs stands for. One that is gone has no receivers; across a cluster that cannot be told, so all are told.
local function wake(waiters, queue, clustered)
  while true do
    local waiter = redis.call('ZPOPMIN', waiters)[1]
    if not waiter then return end
    if redis.call('PUBLISH', waiter, queue) > 0 and not clustered then return end
  end
end

-- Whether a claim may find something now that it did not find before, and whether all who wait have to look when that will be.
local stirred = false
local postponed = false

local function put_in_front(K, scored)
  if #scored == 0 then return end
  redis.call('ZADD', K.front, unpack(scored))
  stirred = true
end

local function put_off(K, scored)
  if #scored == 0 then return end
  local first = tonumber(redis.call('ZRANGE', K.later, 0, 0, 'WITHSCORES')[2])
  redis.call('ZADD', K.later, unpack(scored))
  for i = 1, #scored, 2 do postponed = postponed or not first or scored[i] < first end
end

-- Whether a claim may find something now that it did not find before, and whether all who wait have to look when that will be.
local stirred = false
local postponed = false

local function put_in_front(K, scored)
  if #scored == 0 then return end
  redis.call('ZADD', K.front, unpack(scored))
  stirred = true
end

local function put_off(K, scored)
  if #scored == 0 then return end
  local first = tonumber(redis.call('ZRANGE', K.later, 0, 0, 'WITHSCORES')[2])
  redis.call('ZADD', K.later, unpack(scored))
  for i = 1, #scored, 2 do postponed = postponed or not first or scored[i] < first end
end

-- To be called at the end of a script: does so if there is a reason.
local function wake_if_stirred(K, clustered)
  if stirred then wake(K, clustered) end
end
