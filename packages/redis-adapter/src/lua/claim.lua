-- ARGV: whether this is a cluster, limit, lease, name of the claim, the channel to wake if there is nothing ('' for none), for how long, and whether
-- it is to be taken off the list if there is something.
local K = queue_at(1)
local claimed = claim(K, tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1')
if ARGV[5] == '' then return claimed end
if claimed[1] == 0 then
  allow_when_full(K)
  redis.call('ZADD', K.waiters, now + tonumber(ARGV[6]), ARGV[5])
elseif ARGV[7] == '1' then
  redis.call('ZREM', K.waiters, ARGV[5])
end
return claimed
