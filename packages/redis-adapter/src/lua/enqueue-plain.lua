-- KEYS: jobs, ready and waiters of a queue. ARGV: whether this is a cluster, the id of a job behind which they stand or '', then id and text of plain jobs
-- whose ids all differ. Answers with index and id of each job that was not stored. A job that comes alone has lua/enqueue-one.lua, where that may be run.

-- The call with the jobs before these is on its way, or has failed: nothing is stored out of order. False is nil for the client.
if ARGV[2] ~= '' and not redis.call('HMGET', KEYS[1], ARGV[2])[1] then return false end
local answers, is_awaited = store_plain(KEYS[1], KEYS[2], 3, (#ARGV - 2) / 2)
if is_awaited then wake(KEYS[3], KEYS[1], ARGV[1] == '1') end
return answers
