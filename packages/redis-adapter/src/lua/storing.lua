-- As store_plain, for jobs of any kind: one that is not plain has delay, priority, group, key and window besides, all as text, '' for none.
local function store_any(K, at, count)
  local jobs, ids, keys = {}, {}, {}
  for i = 1, count do
    local job = { id = ARGV[at], text = ARGV[at + 1] }
    if string.byte(job.text, 3) == COMMA then
      at = at + 2
    else
      job.delay, job.priority = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
      job.group, job.key, job.window = ARGV[at + 4], ARGV[at + 5], tonumber(ARGV[at + 6])
      if job.key ~= '' then keys[#keys + 1] = job.key end
      at = at + 7
    end
    jobs[i], ids[i] = job, job.id
  end

  local known, holders = {}, {}
  for i, text in ipairs(redis.call('HMGET', K.jobs, unpack(ids))) do known[ids[i]] = text and true or nil end
  if #keys > 0 then
    for i, holder in ipairs(redis.call('HMGET', K.unique, unpack(keys))) do holders[keys[i]] = holder or nil end
  end
  local function holder_of(key)
    local holder = holders[key]
    if not holder or string.sub(holder, 1, 1) ~= '!' then return holder end
    local till = redis.call('ZSCORE', K.windows, key)
    return till and tonumber(till) > now and string.sub(holder, 2) or nil
  end

  local answers, texts, ready, front, later, groups, unique, windows = {}, {}, {}, {}, {}, {}, {}, {}
  local stamp, keys_until
  for i, job in ipairs(jobs) do
    local id = job.id
    local holder = known[id] and id or (job.key and job.key ~= '' and holder_of(job.key))
    if holder then
      answers[#answers + 1] = i
      answers[#answers + 1] = holder
    else
      stamp = stamp or next_stamp(K.meta)
      local order = stamp .. string.sub(job.text, 1, 2)
      known[id] = true
      texts[#texts + 1] = id
      texts[#texts + 1] = stamp .. job.text
      if (job.delay or 0) > 0 then
        later[#later + 1] = from + job.delay
        later[#later + 1] = id
      elseif (job.priority or 0) > 0 then
        front[#front + 1] = -job.priority
        front[#front + 1] = order .. id
      else
        ready[#ready + 1] = id
      end
      if job.group and job.group ~= '' then
        groups[#groups + 1] = 0
        groups[#groups + 1] = job.group .. '\n' .. order .. id
      end
      if job.key and job.key ~= '' then
        holders[job.key] = id
        unique[#unique + 1] = job.key
        unique[#unique + 1] = id
        if job.window > 0 then
          windows[#windows + 1] = from + job.window
          windows[#windows + 1] = job.key
          keys_until = math.min(keys_until or from + job.window, from + job.window)
        else
          redis.call('ZREM', K.windows, job.key)
        end
      end
    end
  end
  put_texts(K, texts)
  put_last(K, ready)
  put_in_front(K, front)
  put_off(K, later)
  call_with('ZADD', K.groups, groups)
  call_with('HSET', K.unique, unique)
  call_with('ZADD', K.windows, windows)
  if keys_until then sweep_at(K.meta, keys_until) end
  return answers, at
end

-- Stores a batch: ARGV[at] says how many jobs, ARGV[at + 1] is '1' if all are plain and no id comes twice. Answers also where the next batch begins.
local function store(K, at, clustered)
  local count = tonumber(ARGV[at])
  local answers, next_at
  if ARGV[at + 1] == '1' then
    local is_awaited
    answers, is_awaited = store_plain(K.jobs, K.ready, at + 2, count)
    stirred = stirred or is_awaited
    next_at = at + 2 + 2 * count
  else
    answers, next_at = store_any(K, at + 2, count)
  end
  wake_if_stirred(K, clustered)
  return answers, next_at
end

-- Where the batch after the one at ARGV[at] begins.
local function skip(at)
  local count = tonumber(ARGV[at])
  at = at + 2
  for _ = 1, count do at = at + (string.byte(ARGV[at + 1], 3) == COMMA and 2 or 7) end
  return at
end

-- Stores what follows from an outcome, if it came about: ARGV[at] says how many batches there are, and each begins with the place of its queue's keys. In
-- a cluster other queues are out of reach: place 0, and a text for the outbox of this one, from where it is relayed. Answers where what comes after begins.
local function follow(K, at, came_about, clustered)
  local batches = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, batches do
    local first = tonumber(ARGV[at])
    if first == 0 then
      if came_about then redis.call('ZADD', K.outbox, now, ARGV[at + 1]) end
      at = at + 2
    elseif came_about then
      local _, after = store(queue_at(first), at + 1, clustered)
      at = after
    else
      at = skip(at + 1)
    end
  end
  return at
end
