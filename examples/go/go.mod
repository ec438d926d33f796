module example.com/userevents

go 1.24
