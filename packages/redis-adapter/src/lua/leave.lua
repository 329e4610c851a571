-- ARGV: whether this is a cluster, channel. Its instance waits no more; if it was woken and has not looked, another must.
local K = queue_at(1)
if redis.call('ZREM', K.waiters, ARGV[2]) == 0 then wake(K.waiters, K.jobs, ARGV[1] == '1') end
return 1
