-- KEYS: jobs, ready and waiters of a queue. ARGV: whether this is a cluster, then id and text of plain jobs whose ids all differ. Answers with
-- index and id of each job that was not stored. A job that comes alone has lua/enqueue-one.lua, where that may be run.
local answers, is_awaited = store_plain(KEYS[1], KEYS[2], 2, (#ARGV - 1) / 2)
if is_awaited then wake(KEYS[3], KEYS[1], ARGV[1] == '1') end
return answers
