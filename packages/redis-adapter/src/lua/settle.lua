-- ARGV: whether this is a cluster, then groups of settlements. Answers the places of those that are lost.
local K = queue_at(1)
allow_when_full(K)
return (settle(K, 2, ARGV[1] == '1'))
