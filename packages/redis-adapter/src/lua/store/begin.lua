-- ARGV: lease, then id and claim of each delivery. Answers for each '' stale, 'p' paused, or the words of its state, nine digits of the time of its enqueue and
-- its origin, parted by spaces.
local K = queue_at(1)
allow_when_full()
local ends = from + tonumber(ARGV[1])
local ids, fields, claims = {}, {}, {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1], fields[#fields + 1], claims[#claims + 1] = ARGV[i], 'o' .. ARGV[i], ARGV[i + 1]
end
sweep_some(K, #ids)
local paused = redis.call('HGET', K.meta, 'paused')
local notes, texts = redis.call('HMGET', K.notes, unpack(fields)), redis.call('HMGET', K.state, unpack(ids))
local dues, leases_end = redis.call('ZMSCORE', K.later, unpack(ids)), redis.call('ZMSCORE', K.single, unpack(ids))

-- A message has come of a job that cannot run yet. It is sent then, or earlier if it would be.
local function send_later(id, time)
  local at = tonumber(redis.call('ZSCORE', K.unsent, id) or math.huge)
  if at <= time then return end
  redis.call('ZADD', K.unsent, time, id)
  redis.call('HSET', K.sendings, id, next_sending(K))
end

-- It is sent when the queue is resumed, and not before.
local function hold_back(id)
  unsend(K, { id })
  redis.call('ZADD', K.held, now, id)
  return 'p'
end

local begun, started, writes, activated = {}, {}, {}, 0

local function start(id, claim, state, note, expired)
  local text = claimed_state({ claim = claim }, state, '', expired)
  if not expired then activated = activated + 1 end
  begun[id] = text
  started[#started + 1] = id
  writes[#writes + 1] = id
  writes[#writes + 1] = text
  return text .. ' ' .. string.sub(note, 1, 9) .. string.match(note, ' .*$')
end

local function begin(i, id, claim, note)
  local text = begun[id] or texts[i]
  local state = text and parse(text) or unclaimed(string.match(note, '^%a*', 10))
  if is_final(state) then return '' end
  local is_own = state.claim == claim
  if state.st == 'a' then
    if is_own then return text .. ' ' .. string.sub(note, 1, 9) .. string.match(note, ' .*$') end
    if begun[id] or tonumber(leases_end[i] or 0) > now then return '' end
    return paused and hold_back(id) or start(id, claim, state, note, true)
  end
  local due_at = tonumber(dues[i] or now)
  -- A claim that has returned its job does not begin it again.
  if is_own or due_at > now then
    send_later(id, math.max(now, due_at))
    return ''
  end
  return paused and hold_back(id) or start(id, claim, state, note, false)
end

local answers = {}
for i, id in ipairs(ids) do answers[i] = notes[i] and begin(i, id, claims[i], notes[i]) or '' end
call_with('HSET', K.state, writes)
call_with('ZREM', K.later, started)
lease_apart(K, started, ends)
if activated > 0 then redis.call('HINCRBY', K.meta, 'active', activated) end
return answers
