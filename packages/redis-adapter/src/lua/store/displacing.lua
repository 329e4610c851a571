-- Takes a job that waits or is scheduled out of the line.
local function displace(K, id)
  redis.call('ZREM', K.later, id)
  unsend(K, { id })
end
