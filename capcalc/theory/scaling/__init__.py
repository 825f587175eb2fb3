"""How throughput and cost grow with cores, hosts, pools and demand."""
