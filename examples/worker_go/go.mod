module drover/examples/worker_go

go 1.19
