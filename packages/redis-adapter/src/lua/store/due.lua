-- ARGV: limit, lease. Leases jobs that must be sent now, those first whose time came first. Answers for each its id, its text, the name of the sending, and its
-- note. Those of one call have about 4 MB of texts at most.
local K = queue_at(1)
allow_when_full()
sweep_some(K, 1000)
local limit, ends = tonumber(ARGV[1]), from + tonumber(ARGV[2])

local function send_now(ids)
  if #ids == 0 then return end
  local unsent, names = {}, {}
  for i, id in ipairs(ids) do
    unsent[2 * i - 1], unsent[2 * i] = now, id
    names[2 * i - 1], names[2 * i] = id, next_sending(K)
  end
  redis.call('ZADD', K.unsent, unpack(unsent))
  redis.call('HSET', K.sendings, unpack(names))
end

-- Leases that ran out, unless their message has come already and is held back.
local expired = redis.call('ZRANGEBYSCORE', K.single, '(0', now, 'LIMIT', 0, limit)
if #expired > 0 then
  local fresh = {}
  for i, held in ipairs(redis.call('ZMSCORE', K.held, unpack(expired))) do
    if not held then fresh[#fresh + 1] = expired[i] end
  end
  send_now(fresh)
  lease_one_by_one(K, expired, 0)
end

if not redis.call('HGET', K.meta, 'paused') then
  local resumed = {}
  local popped = redis.call('ZPOPMIN', K.held, limit)
  for i = 1, #popped, 2 do resumed[#resumed + 1] = popped[i] end
  send_now(resumed)
end

local answer, leased, bytes = {}, {}, 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.unsent, '-inf', now, 'LIMIT', 0, limit)) do
  if bytes >= BYTES then break end
  local text = redis.call('HGET', K.jobs, id)
  if text and text ~= '' then
    answer[#answer + 1] = { id, text, redis.call('HGET', K.sendings, id) or '', redis.call('HGET', K.notes, 'o' .. id) or '' }
    leased[#leased + 1] = ends
    leased[#leased + 1] = id
    bytes = bytes + #text
  else
    -- The server has thrown it away.
    unsend(K, { id })
  end
end
call_with('ZADD', K.unsent, leased)
return answer
