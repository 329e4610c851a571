-- ARGV: whether this is a cluster, then groups of settlements. Answers the places of those that are lost. Begins in lua/settle-plain.lua.
local K = queue_at(1)
allow_when_full()
local lost = settle(K, 2, ARGV[1] == '1')
keep_up(K, tonumber(ARGV[2]))
return lost
