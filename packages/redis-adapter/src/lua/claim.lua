-- ARGV: whether this is a cluster, limit, lease, name of the claim, the channel to wake if there is nothing ('' for none), for how long, and whether
-- it is to be taken off the list if there is something. Begins in lua/claim-plain.lua.
return wait(claim(queue_at(1), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1'))
