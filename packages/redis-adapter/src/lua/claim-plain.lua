local function wait(claimed)
  if claimed[1] == 0 and ARGV[5] ~= '' then
    allow_when_full()
    redis.call('ZADD', waiters, now + tonumber(ARGV[6]), ARGV[5])
  end
  return claimed
end

if is_plain() then return wait(claim_plain(tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1')) end
