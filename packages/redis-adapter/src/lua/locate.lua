-- ARGV: ids. Answers for each '1' if this queue has a record of it, or has had.
local known = {}
for i, text in ipairs(redis.call('HMGET', queue_at(1).jobs, unpack(ARGV))) do known[i] = text and '1' or '0' end
return table.concat(known)
