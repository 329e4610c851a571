local function wait(claimed)
  if ARGV[5] == '' then return claimed end
  if claimed[1] == 0 then
    allow_when_full()
    redis.call('ZADD', waiters, now + tonumber(ARGV[6]), ARGV[5])
  elseif ARGV[7] == '1' then
    redis.call('ZREM', waiters, ARGV[5])
  end
  return claimed
end

if is_plain_queue() then return wait(claim_plain(tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1')) end
