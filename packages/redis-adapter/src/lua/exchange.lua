-- ARGV: whether this is a cluster, limit, lease and name of a claim, then groups of settlements. Answers what is lost, and what is claimed. Begins in
-- lua/exchange-plain.lua.
local K = queue_at(1)
local clustered = ARGV[1] == '1'
allow_when_full()
local lost = settle(K, 5, clustered)
keep_up(K, tonumber(ARGV[5]))
return { lost, claim(K, tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], clustered) }
