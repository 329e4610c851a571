-- Whether one file is part of another can be told only when the other is committed.
select pg_advisory_xact_lock(hashtextextended($1, 0))
