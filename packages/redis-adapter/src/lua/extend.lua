-- ARGV: lease, how many groups, then for each attempt, claim and ids. Answers for each id '1' extended, '2' that and to be cancelled, '0' lost.
local K = queue_at(1)
allow_when_full()
local ends = from + tonumber(ARGV[1])
local answers = {}
for group = 1, tonumber(ARGV[2]) do
  local attempt, claim, ids = ARGV[3 * group], ARGV[3 * group + 1], split(ARGV[3 * group + 2])
  write_states_of(claim)
  local apart = apart_of(K, ids)
  local own, shared = {}, {}
  for i, text in ipairs(redis.call('HMGET', K.state, unpack(ids))) do
    local state = text and parse(text)
    if not state or state.st ~= 'a' or not is_of(state, attempt, claim) then
      answers[#answers + 1] = '0'
    else
      answers[#answers + 1] = has(state.flags, 'q') and '2' or '1'
      local list = apart[i] and own or shared
      list[#list + 1] = ids[i]
    end
  end
  -- A lease is extended as a whole where all are asked for that it still has; else those leave it.
  if #shared > 0 then
    if #shared == tonumber(redis.call('HGET', K.claims, '#' .. claim) or 0) then
      redis.call('ZADD', K.leases, ends, claim)
    else
      leave_claim(claim, #shared)
      for _, id in ipairs(shared) do own[#own + 1] = id end
    end
  end
  lease_apart(K, own, ends)
end
return table.concat(answers)
