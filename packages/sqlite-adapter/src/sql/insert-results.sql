-- The row is repeated as often as there are some at hand.
insert into jobport_results (seq, result)
values (?, ?)
