-- KEYS: jobs, ready and waiters of a queue. ARGV: id and text of a plain job. Answers as lua/enqueue-plain.lua does. It is the call that has the most to
-- do for one job, so it comes with as little as can be.
local id, text = ARGV[1], digits_of(micros) .. ARGV[2]
if redis.call('HSETNX', KEYS[1], id, text) == 0 then return { 1, id } end
-- Those who wait have found nothing; who finds something and leaves more tells the next.
if redis.call('RPUSH', KEYS[2], id) == 1 then hand_over(KEYS[1], KEYS[2], KEYS[3], id, text) end
return {}
