-- What leaves in one step, in entries; an entry is what ended in one call.
local STEP = 2

-- Entries and their times, by turns.
local function due_in(set)
  return redis.call('ZRANGEBYSCORE', set, '-inf', now, 'WITHSCORES', 'LIMIT', 0, STEP)
end

local function is_tomb(state)
  return tonumber(state.keep_until) <= now and tonumber(state.finished_at) + TOMBSTONE <= now
end

-- Removes a few of the records and tombstones whose time is over. Answers whether there are more, and how many it has removed.
local function sweep(K)
  local due = redis.call('HGET', K.meta, 'sweep')
  if not due or tonumber(due) > now then return false, 0 end
  local more, gone = false, 0
  for st, name in pairs(ZSETS) do
    local entries = due_in(K[name])
    more = more or #entries == 2 * STEP
    for i = 1, #entries, 2 do
      local entry = entries[i]
      local ids, states, number = still(K, entry, ended_so(st, tonumber(entries[i + 1])))
      gone = gone + #ids
      local gone_at = #ids > 0 and tonumber(states[1].finished_at) + TOMBSTONE or now
      if #ids > 0 then
        redis.call('HINCRBY', K.meta, name, -#ids)
        drop(K, ids, states, gone_at > now)
      end
      if gone_at > now then
        redis.call('ZREM', K[name], entry)
        redis.call('ZADD', K.tombs, gone_at, table.concat(ids, '\n') .. (number and '\n\n' .. number or ''))
      else
        strike(K, K[name], entry, number)
      end
    end
  end
  local tombs = due_in(K.tombs)
  more = more or #tombs == 2 * STEP
  for i = 1, #tombs, 2 do
    local ids, _, number = still(K, tombs[i], is_tomb)
    gone = gone + #ids
    drop(K, ids, {}, false)
    strike(K, K.tombs, tombs[i], number)
  end
  local keys = redis.call('ZRANGEBYSCORE', K.windows, '-inf', now, 'LIMIT', 0, 100)
  if #keys > 0 then
    for i, holder in ipairs(redis.call('HMGET', K.unique, unpack(keys))) do
      if holder and string.sub(holder, 1, 1) == '!' then redis.call('HDEL', K.unique, keys[i]) end
    end
    redis.call('ZREM', K.windows, unpack(keys))
  end
  if not more then
    local first
    for _, set in ipairs({ K.completed, K.dead, K.cancelled, K.tombs, K.windows }) do
      local time = tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2])
      if time and (not first or time < first) then first = time end
    end
    if first then redis.call('HSET', K.meta, 'sweep', first) else redis.call('HDEL', K.meta, 'sweep') end
  end
  return more, gone
end

-- Jobs that leave beside a settlement at most, and those of one step. It brings no more, so they do not pile up, and nobody waits long for it.
local MOST = 1000

-- To be called where so many entries came: as many leave, so that however jobs end there are never more than fit their time.
local function keep_up(K, entries)
  local left = MOST
  for _ = 1, entries, STEP do
    local more, gone = sweep(K)
    left = left - gone
    if not more or left <= 0 then return end
  end
end
