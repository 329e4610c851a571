-- Not the highest number there is: numbers of jobs that are gone do not come back.
select coalesce((select seq from sqlite_sequence where name = 'jobport_jobs'), 0)
