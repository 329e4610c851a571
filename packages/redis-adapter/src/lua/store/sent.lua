-- ARGV: id and name of a sending of each job that is with the broker. Those whose next sending has another name are left.
local K = queue_at(1)
allow_when_full()
local ids, confirmed = {}, {}
for i = 1, #ARGV, 2 do ids[#ids + 1] = ARGV[i] end
for i, name in ipairs(redis.call('HMGET', K.sendings, unpack(ids))) do
  if (name or '') == ARGV[2 * i] then confirmed[#confirmed + 1] = ids[i] end
end
call_with('ZREM', K.unsent, confirmed)
call_with('HDEL', K.sendings, confirmed)
return 1
