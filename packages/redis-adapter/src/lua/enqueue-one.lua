-- KEYS: jobs and ready of a queue. ARGV: id and text of a plain job, and the channel of the caller's instance ('' if no claim of it waits). Answers as
-- lua/enqueue-plain.lua does, or 0, the name of an offer of the caller and the digits of the time, if the job was handed to it. It is the call with the
-- most to do for one job, so what it needs only when somebody waits comes after it.
local id, stamp = ARGV[1], digits_of(micros)
local text = stamp .. ARGV[2]
if redis.call('HSETNX', KEYS[1], id, text) == 0 then return { 1, id } end
-- Those who wait have found nothing; who finds something and leaves more tells the next.
if redis.call('RPUSH', KEYS[2], id) > 1 then return {} end
local waiter = redis.call('ZPOPMIN', string.sub(KEYS[1], 1, -5) .. 'waiters')[1]
if not waiter then return {} end
