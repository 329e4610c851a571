-- ARGV: whether this is a cluster, then ids. Answers for each '1' or '0'.
local K = queue_at(1)
allow_when_full()
write_all_states()

local function retry(id)
  local text, state, st = look_up(K, id)
  if st == 's' then
    redis.call('ZREM', K.later, id)
  elseif st == 'c' or st == 'd' or st == 'x' then
    local _, _, group, key = traits(text)
    if key ~= '' then
      local holder = redis.call('HGET', K.unique, key)
      local till = tonumber(redis.call('ZSCORE', K.windows, key) or 0)
      local is_own = holder == id or holder == '!' .. id
      if holder and not is_own and (string.sub(holder, 1, 1) ~= '!' or till > now) then return '0' end
      redis.call('HSET', K.unique, key, id)
    end
    local s = copy(state)
    s.st, s.failures, s.crashes, s.redrives, s.finished_at, s.keep_until = 'w', 0, 0, tonumber(s.redrives) + 1, 0, 0
    -- A new place in the line: the old one may be before one of its group that is at work.
    s.order = next_stamp(K.meta) .. '00'
    if has(s.flags, 'r') then redis.call('HDEL', K.notes, 'r' .. id) end
    s.flags = without(without(s.flags, 'r'), 'q')
    redis.call('HSET', K.state, id, compose(s))
    redis.call('HINCRBY', K.meta, ZSETS[st], -1)
    state = s
    if group ~= '' then redis.call('ZADD', K.groups, 0, group .. '\n' .. s.order .. id) end
  else
    return '0'
  end
  local score, member = place(id, text, state)
  put_in_front(K, { score, member })
  return '1'
end

local answers = {}
for i = 2, #ARGV do answers[i - 1] = retry(ARGV[i]) end
wake_if_stirred(K, ARGV[1] == '1')
return table.concat(answers)
