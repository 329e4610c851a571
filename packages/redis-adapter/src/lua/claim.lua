-- ARGV: whether this is a cluster, limit, lease, name of the claim, who waits if there is nothing ('' for nobody), and for how long. Begins in
-- lua/claim-plain.lua.
return wait(claim(queue_at(1), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1'))
