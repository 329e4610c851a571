-- A store is the memory of a broker. Its jobs stand in the same places as those of a backend; only nobody claims them here: the broker says which are to
-- begin. So all that wait are in `later`, by the time from which they may, and every lease is in `single`; its score is 0 once it has run out and that was seen.
-- What comes after this file uses these functions instead of those of lua/base.lua.
local queue_of = queue_at
local function queue_at(first)
  local K = queue_of(first)
  K.unsent = KEYS[first + 24]   -- sorted set: ids that must be sent, by the time at which
  K.sendings = KEYS[first + 25] -- hash: id -> name of that sending, where it has one
  K.held = KEYS[first + 26]     -- sorted set: ids whose message came while the queue was paused, by the time at which it did
  return K
end

-- The hand-off of the call; none where nobody is about to send what it makes wait.
local handed_delay, grace, origin = nil, 0, ''
-- The jobs that come back: nobody is about to send those.
local returned = {}

local function next_sending(K)
  return 's:' .. redis.call('HINCRBY', K.meta, 'sendings', 1)
end

-- These need not be sent.
local function unsend(K, ids)
  call_with('ZREM', K.unsent, ids)
  call_with('HDEL', K.sendings, ids)
  call_with('ZREM', K.held, ids)
end

-- Whenever a job comes to wait, it has to be sent: at once, unless whoever made it wait is about to. `scored`: time and id of each.
local function line_up(K, scored)
  if #scored == 0 then return end
  local unsent, names = {}, {}
  for i = 1, #scored, 2 do
    local due_at, id = scored[i], scored[i + 1]
    local is_new = handed_delay and not returned[id]
    local is_handed = is_new and due_at - from <= handed_delay
    unsent[i], unsent[i + 1] = is_handed and math.max(due_at, from) + grace or due_at, id
    if not is_new then
      names[#names + 1] = id
      names[#names + 1] = next_sending(K)
    end
  end
  redis.call('ZADD', K.later, unpack(scored))
  redis.call('ZADD', K.unsent, unpack(unsent))
  call_with('HSET', K.sendings, names)
end

-- With its text a job gets a note: nine digits of its time, its flags, and the origin of the call that brought it.
local function put_texts(K, texts)
  if #texts == 0 then return end
  local notes = {}
  for i = 1, #texts, 2 do
    notes[i] = 'o' .. texts[i]
    notes[i + 1] = string.sub(texts[i + 1], 1, 9) .. traits(texts[i + 1]) .. ' ' .. origin
  end
  redis.call('HSET', K.jobs, unpack(texts))
  redis.call('HSET', K.notes, unpack(notes))
end

local function put_last(K, ids)
  local scored = {}
  for i, id in ipairs(ids) do scored[2 * i - 1], scored[2 * i] = now, id end
  line_up(K, scored)
end

local function put_in_front(K, scored)
  local ids = {}
  for i = 2, #scored, 2 do ids[#ids + 1] = string.sub(scored[i], ORDER + 1) end
  put_last(K, ids)
end

local put_off = line_up

-- A claim is named by attempt and token in one.
local function is_of(state, _, claim)
  return state.attempt .. ':' .. state.claim == claim
end

local lease_one_by_one = lease_apart
local function lease_apart(K, ids, ends)
  lease_one_by_one(K, ids, ends)
  unsend(K, ids)
end
