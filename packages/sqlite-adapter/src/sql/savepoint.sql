savepoint jobport
