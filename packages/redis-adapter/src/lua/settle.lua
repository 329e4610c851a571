-- ARGV: whether this is a cluster, then groups of settlements. Answers the places of those that are lost. Begins in lua/settle-plain.lua.
allow_when_full()
return (settle(queue_at(1), 2, ARGV[1] == '1'))
