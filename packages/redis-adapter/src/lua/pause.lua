-- ARGV: whether this is a cluster, '1' to pause or '0' to resume.
local K = queue_at(1)
if ARGV[2] == '1' then
  redis.call('HSET', K.meta, 'paused', '1')
else
  redis.call('HDEL', K.meta, 'paused')
  wake(K.waiters, K.jobs, ARGV[1] == '1')
end
return 1
