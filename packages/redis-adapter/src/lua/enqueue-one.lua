-- KEYS: jobs and ready of a queue. ARGV: id and text of a plain job. Answers as lua/enqueue-plain.lua does. It is the call with the most to do for one job,
-- so what it needs only when somebody waits comes after it.
local id, text = ARGV[1], digits_of(micros) .. ARGV[2]
if redis.call('HSETNX', KEYS[1], id, text) == 0 then return { 1, id } end
-- Those who wait have found nothing; who finds something and leaves more tells the next.
if redis.call('RPUSH', KEYS[2], id) > 1 or redis.call('EXISTS', string.sub(KEYS[1], 1, -5) .. 'waiters') == 0 then return {} end
