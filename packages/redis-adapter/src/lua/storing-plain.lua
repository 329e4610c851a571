-- Stores plain jobs whose ids all differ: ARGV has id and text of each from `at` on. Answers those that were not stored: index, and who stands for it;
-- and whether somebody may have waited for them.
local function store_plain(jobs, ready, at, count)
  local answers, fresh, texts, n = {}, {}, {}, 0
  local stamp = digits_of(micros)
  if count == 1 then
    local id = ARGV[at]
    if redis.call('HSETNX', jobs, id, stamp .. ARGV[at + 1]) == 0 then return { 1, id }, false end
    return answers, redis.call('RPUSH', ready, id) == 1
  end
  local ids = {}
  for i = 1, count do ids[i] = ARGV[at + 2 * i - 2] end
  local known = redis.call('HMGET', jobs, unpack(ids))
  for i = 1, count do
    if known[i] then
      answers[#answers + 1] = i
      answers[#answers + 1] = ids[i]
    else
      n = n + 1
      fresh[n] = ids[i]
      texts[2 * n - 1] = ids[i]
      texts[2 * n] = stamp .. ARGV[at + 2 * i - 1]
    end
  end
  if n == 0 then return answers, false end
  redis.call('HSET', jobs, unpack(texts))
  -- Those who wait have found nothing; who finds something and leaves more tells the next.
  return answers, redis.call('RPUSH', ready, unpack(fresh)) == n
end
