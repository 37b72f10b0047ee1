# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab: what the inventories describe, on this machine's loopback, without root. `python -m lab up`; see README.md.

What is real: the driver's protocol (Bolt 5 and 6, handshakes, routing tables, authentication with its rate limit), the
files and command lines of a server's home, processes that can be stopped and killed, what is read at start and only
then, and an AWS endpoint (moto) that boto3 and amazon.aws cannot tell from AWS in what the operations ask.

What is emulated: Neo4j Enterprise's administration statements, by a table of patterns over cluster state in SQLite.
Texts and codes are those of real servers where they could be measured, of the manual where not.

What is not there, and refused by name ("emulator does not know: ..."): data. The only data statements are one write
probe and the inventories' gate queries, answered from a flag; `up development --with community` puts real Community
servers in the place of emulated ones, and `graph` fills them. No Raft: a majority is counted, an election takes no
time, and "no write failed" here proves the order in which operations take servers down, not Neo4j's replication. No
privileges: who can log in may do everything. License files are made with a key of the lab.
"""
