-- ARGV: whether this is a cluster, a waiter. It waits no more. If it was told to look and has not, another must be told. Answers the id of a job that was
-- handed to it, of which it may not have heard, or ''.
local K = queue_at(1)
if redis.call('ZREM', K.waiters, ARGV[2]) == 1 then return '' end
local handed = redis.call('HGET', K.claims, string.match(ARGV[2], '\n(.*)\n'))
if handed then return handed end
wake(K.waiters, K.jobs, ARGV[1] == '1')
return ''
