-- The short way for what most queues hold most of the time: plain jobs that were never claimed before, and that end well. It is tried first, and comes
-- before all other functions in a script: these are not even made when it is enough. It has changed nothing when it is not, but for how states are kept.
local jobs, ready, meta, waiters = KEYS[1], KEYS[2], KEYS[8], KEYS[9]
local states, claims, leases, fresh = KEYS[10], KEYS[11], KEYS[12], KEYS[24]

local SLICE = 100 -- jobs that are read at once, so that large ones do not fill the memory
local LINE = 10
local BYTES = 4 * 1024 * 1024 -- a reply carries no more texts than this and one

-- The first write of a script decides whether it may go on when the memory is full. This one needs none: work must get done, above all then.
local function allow_when_full()
  redis.call('HDEL', meta, '')
end

local function is_plain()
  return is_plain_queue(meta, leases, KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[13], KEYS[15])
end

-- A claim of plain jobs is fresh until one of them is looked at: `claims` has those that it still holds, in their order, and `state` has nothing of them. So
-- what ends as it was claimed is neither written nor read one by one in between. Whoever looks at the states of jobs lets them be written first.
local MOST_FRESH = 20 -- so that it takes some milliseconds at most to write them all

local function put_state(ids, state)
  local writes = {}
  for i = 1, #ids do writes[2 * i - 1], writes[2 * i] = ids[i], state end
  redis.call('HSET', states, unpack(writes))
end

local function write_states(claim, claimed_at)
  local together = redis.call('HGET', claims, claim)
  if together then put_state(split(together), fresh_state(claim, claimed_at)) end
  redis.call('ZREM', fresh, claim)
end

-- To be called before states are looked at: for what one claim holds, or for any job.
local function write_states_of(claim)
  local claimed_at = redis.call('ZSCORE', fresh, claim)
  if claimed_at then write_states(claim, claimed_at) end
end

local function write_all_states()
  local found = redis.call('ZRANGE', fresh, 0, -1, 'WITHSCORES')
  if #found > 0 then allow_when_full() end
  for i = 1, #found, 2 do write_states(found[i], found[i + 1]) end
end

-- Notes that a claim holds jobs.
local function hold(ids, name, lease, activated)
  local together = table.concat(ids, '\n')
  redis.call('HSET', claims, name, together, '#' .. name, #ids)
  redis.call('ZADD', leases, from + lease, name)
  if activated > 0 then redis.call('HINCRBY', meta, 'active', activated) end
  return together
end

-- Lets the rest of those that were taken off the line stand there again, in their order. Answers whether there are any.
local function put_back(ids, first)
  if first > #ids then return false end
  local rest = {}
  for i = #ids, first, -1 do
    rest[#rest + 1] = ids[i]
    ids[i] = nil
  end
  redis.call('LPUSH', ready, unpack(rest))
  return true
end

-- How many texts to read at once when `bytes` are read already: as many as there is room for if all are as large as the first.
local function room_for(ids, bytes)
  if #ids < 2 then return #ids end
  local size = redis.call('HSTRLEN', jobs, ids[1])
  return math.min(#ids, math.ceil((BYTES - bytes) / math.max(1, size)))
end

local TOGETHER = 16 * 1024 -- bytes of texts that are answered as one, about: none that is kept by a client keeps more than so much beside it

-- Texts of jobs for a reply, many in one: it costs either end less to take one apart than to handle many. None has the separator: see src/codec/value.ts.
local function joined(texts, bytes)
  local count = #texts
  local size = math.min(SLICE, math.floor(TOGETHER * count / math.max(1, bytes)))
  if size <= 1 then return texts end
  local parts = {}
  for first = 1, count, size do
    parts[#parts + 1] = table.concat(texts, '\2', first, math.min(count, first + size - 1))
  end
  return parts
end

-- Claims plain jobs of a plain queue. Answers as `claim` does.
local function claim_plain(limit, lease, name, clustered)
  local ids, texts, count, bytes = {}, {}, 0, 0
  local has_more = true
  while has_more and count < limit and bytes < BYTES do
    local wanted = math.min(SLICE, limit - count)
    local popped = redis.call('LPOP', ready, wanted)
    has_more = popped and #popped == wanted
    if popped and #popped > 0 then
      has_more = put_back(popped, room_for(popped, bytes) + 1) or has_more
      local read = redis.call('HMGET', jobs, unpack(popped))
      for i = 1, #popped do
        local text = read[i]
        if bytes >= BYTES then
          has_more = put_back(popped, i)
          break
        end
        if text and text ~= '' then
          count = count + 1
          ids[count], texts[count] = popped[i], text
          bytes = bytes + #text
        end
      end
    end
  end
  if count == 0 then
    local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2]
    return { 0, '', {}, '', now, first and tonumber(first) - now or -1 }
  end
  local together = hold(ids, name, lease, count)
  if redis.call('ZCARD', fresh) < MOST_FRESH then
    redis.call('ZADD', fresh, now, name)
  else
    put_state(ids, fresh_state(name, now))
  end
  -- Who was told to look leaves the rest to the next.
  if has_more and redis.call('EXISTS', waiters) == 1 and redis.call('EXISTS', ready) == 1 then wake(waiters, jobs, clustered) end
  return { count, together, joined(texts, bytes), '', now, 0 }
end

-- Takes jobs out of the lease of their claim, and lets that end with the last.
local function leave_claim(claim, count)
  if count == 0 or redis.call('HINCRBY', claims, '#' .. claim, -count) > 0 then return end
  redis.call('HDEL', claims, claim, '#' .. claim)
  redis.call('ZREM', leases, claim)
end

-- Tells those who watch which jobs finished, and keeps it for a while for those whose line is down.
local function tell(st, together)
  if redis.call('EXISTS', KEYS[22]) == 0 then return end
  local entry = redis.call('XADD', KEYS[21], 'MAXLEN', '~', 1000, '*', st, together)
  redis.call('EXPIRE', KEYS[21], 300)
  redis.call('PUBLISH', KEYS[21], entry .. '\n' .. st .. '\n' .. together)
end

local MANY = 4 -- jobs that ended together, from which on their state is kept once for all of them

-- What is written for jobs that ended together, as the state of each and as the entry for all: for many the number of a state that `notes` has.
local function written(state, together, count)
  if count < MANY then return state, together end
  local number = redis.call('HINCRBY', meta, 'endings', 1)
  local digits = ''
  while number > 0 do
    local digit = number % 64
    digits = string.char(48 + digit) .. digits
    number = (number - digit) / 64
  end
  redis.call('HSET', KEYS[20], 's' .. digits, state)
  return '@' .. digits, together .. '\n\n' .. digits
end

-- Keeps the records of jobs that ended together. `set`: the one of their state, `name`: what it is counted as.
local function keep_records(set, name, entry, count, keep_until)
  redis.call('ZADD', set, keep_until, entry)
  redis.call('HINCRBY', meta, name, count)
  sweep_at(meta, keep_until)
end

local function are_distinct(groups)
  local known = {}
  for _, group in ipairs(groups) do
    for _, id in ipairs(group.ids) do
      if known[id] then return false end
      known[id] = true
    end
  end
  return true
end

-- The state in which the claim holds all of these jobs, if it is one for all. `left`: what fresh claims hold after the groups before, to which this one is added.
local function held_state(attempt, claim, together, ids, left)
  local claimed_at = redis.call('ZSCORE', fresh, claim)
  if claimed_at and attempt == '1' then
    local all, size = left[claim] or redis.call('HGET', claims, claim) or '', #together
    if string.sub(all, 1, size) == together and (#all == size or string.byte(all, size + 1) == LINE) then
      left[claim] = string.sub(all, size + 2)
      return fresh_state(claim, claimed_at)
    end
    -- They end in another order, so from now on they are told apart.
    left[claim] = nil
    allow_when_full()
    write_states(claim, claimed_at)
  end
  local texts = redis.call('HMGET', states, unpack(ids))
  local held = texts[1]
  if not held or string.match(held, '^a (%d+) (%S+) .* %- 0 0 %-$') ~= attempt or string.match(held, '^a %d+ (%S+)') ~= claim then return nil end
  for i = 2, #ids do
    if texts[i] ~= held then return nil end
  end
  return held
end

-- What `settle` has in ARGV from `at` on, read for settle_plain, and what the fresh claims among these hold then: nothing if there is a group that is not of
-- completed jobs that keep their record and have neither result nor followers, or a job that is not plain or not held.
local function read_plain(at)
  if redis.call('EXISTS', KEYS[13]) == 1 then return nil end
  local groups, left, claims_seen, are_apart = {}, {}, {}, true
  for group = 1, tonumber(ARGV[at]) do
    local from_here = at + 10 * group - 9
    local attempt, claim, outcome, span, _, valued, total, together, length, batches = unpack(ARGV, from_here, from_here + 9)
    if outcome ~= 'c' or span == '0' or valued ~= '0' or batches ~= '0' or length == '0' then return nil end
    total, length = tonumber(total), tonumber(length)
    local sub, ids = string.sub, {}
    for i = 1, total do ids[i] = sub(together, (i - 1) * (length + 1) + 1, i * (length + 1) - 1) end
    local held = held_state(attempt, claim, together, ids, left)
    if not held then return nil end
    are_apart = are_apart and not claims_seen[claim]
    claims_seen[claim] = true
    groups[group] = { claim = claim, keep = tonumber(span), together = together, ids = ids, held = held, count = total }
  end
  -- The second settlement of one job is a repeat, and has to see the first. No job is held by two claims.
  return (are_apart or are_distinct(groups)) and groups or nil, left
end

local function settle_plain(groups, left)
  for _, group in ipairs(groups) do
    local keep_until = from + group.keep
    local ended = 'c' .. string.sub(group.held, 2, -6) .. now .. ' ' .. keep_until .. ' -'
    local state, entry = written(ended, group.together, group.count)
    leave_claim(group.claim, group.count)
    redis.call('HINCRBY', meta, 'active', -group.count)
    put_state(group.ids, state)
    keep_records(KEYS[16], 'completed', entry, group.count, keep_until)
    tell('c', group.together)
  end
  for claim, together in pairs(left) do
    if together == '' then redis.call('ZREM', fresh, claim) else redis.call('HSET', claims, claim, together) end
  end
end
