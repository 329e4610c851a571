-- Not the highest number there is: endings are deleted, their numbers never come back.
select coalesce((select seq from sqlite_sequence where name = 'jobport_endings'), 0)
