"""How people write to the support desk; lines marked `*` are kept for the test half."""

PHRASES = """
@ opening
en  Hello!
en  Hi there.
en  Good morning.
en  Dear team.
en  Ticket {amount}{number}:
en* Dear support.
en* Good evening.
en* Hello team, ticket {amount}:
zh  你好。
zh  您好。
zh  客服您好。
zh  早上好。
zh  工单{amount}{number}：
zh* 客服，你好。
zh* 晚上好。
zh* 您好，工单{amount}：

@ topic signin
en  I cannot sign in to my account.
en  Cannot sign in, my password is not accepted.
en  Sign in fails every time.
en  I cannot sign in any more.
en  Sign in rejects my user name and password.
en  Sign in does not work.
en* I cannot sign in, the password fails.
en* Every time sign in rejects my account.
en* Sign in does not accept my user name.
zh  我登录不了账户。
zh  登录时密码不被接受。
zh  每次登录都失败。
zh  登录不进账户。
zh  登录提示密码错误。
zh  登录没有反应。
zh* 账户登录失败。
zh* 登录不了，密码错误。
zh* 每次登录密码都不被接受。

@ topic charge
en  {amount} euros were charged to my card.
en  I was charged for something I do not know.
en  I was charged more than usual.
en  I was charged twice this month.
en  My card was charged {amount} euros.
en  {amount} euros too much were charged.
en* My card was charged twice.
en* I was charged {amount} euros, more than usual.
en* This month I was charged too much.
zh  我的卡被扣款{amount}元。
zh  有一笔不明扣款。
zh  扣款比平时多。
zh  这个月扣款两次。
zh  多扣款{amount}元。
zh  账单上扣款{amount}元。
zh* 卡上扣款两次。
zh* 有一笔{amount}元扣款不明。
zh* 这个月扣款比平时多。

@ topic broken
en  The program stops working.
en  The program closes by itself.
en  The program shows only errors.
en  The program freezes.
en  The program does not respond.
en  The program breaks off with an error.
en* The program freezes with an error.
en* The program stops and closes by itself.
en* The program does not respond, only errors.
zh  程序不能用了。
zh  程序自己退出。
zh  程序只报错。
zh  程序卡死。
zh  程序没有响应。
zh  程序一用就报错。
zh* 程序卡死，报错。
zh* 程序一用就自己退出。
zh* 程序没有响应，不能用。

@ topic leaving
en  I am leaving your service.
en  I am leaving for another provider.
en  I am leaving, I do not need the plan.
en  I am leaving, the contract is no use to me.
en  We are leaving for another company.
en  We are leaving your service.
en* I am leaving, we found another company.
en* We are leaving, we do not need the plan.
en* I am leaving your service for another provider.
zh  我不再用你们的服务。
zh  我不再需要套餐。
zh  我不再续合同。
zh  我不再用，换公司了。
zh  我们不再使用你们的服务。
zh  合同我不再需要。
zh* 我不再需要你们的服务。
zh* 我们不再续套餐，换公司了。
zh* 你们的合同我不再用。

@ history first
en  This is my first message.
en  My first question, I am new.
en  First time I contact you.
en  Something like this for the first time.
en  It is the first time.
en  Writing for the first time.
en* My first contact, I am new.
en* This is the first time I write.
en* My first message to you.
zh  第一次联系你们。
zh  第一次提问。
zh  我是新用户，第一次来信。
zh  第一次发生。
zh  这是第一次。
zh  第一次遇到。
zh* 新用户，第一次联系。
zh* 这是第一次遇到。
zh* 第一次来信提问。

@ history again
en  I write about it again.
en  It happened again.
en  Again the same as last time.
en  You solved it, now it is back again.
en  Again, the second time.
en  Again the same issue.
en* It is back again, as last time.
en* Again I write, the second time.
en* The same issue happened again.
zh  我又来写信了。
zh  又发生了。
zh  又和以前一样。
zh  解决过，又回来了。
zh  又来了，同上次。
zh  又是同样的问题。
zh* 又和上次一样。
zh* 同样的问题又发生了。
zh* 又回来了，和以前一样。

@ history many
en  I have written {number} times without any answer.
en  No answer, ever.
en  My {number} tickets have no answer.
en  I called {number} times, no answer.
en  Still no answer from you.
en  Countless mails, no answer.
en* {number} mails without any answer.
en* I called and called, no answer.
en* No answer to my {number} tickets.
zh  写了{number}次都没人回。
zh  从来没人回我。
zh  {number}个工单没人回。
zh  打了{number}次电话没人回。
zh  你们一直没人回。
zh  无数邮件没人回。
zh* 打了{number}次电话都没人回。
zh* {number}个工单一直没人回。
zh* 邮件从来没人回。

@ wish howto
en  How do I do this?
en  Please explain how it works.
en  How can I solve it?
en  Can you tell me how?
en  Please send me a guide how to do it.
en  How does it work?
en* Please explain how I do this.
en* How can I do it, is there a guide?
en* Can you tell me how it works?
zh  请问怎么操作？
zh  请说明怎么做。
zh  我该怎么办？
zh  能告诉我怎么做吗？
zh  请问怎么解决？
zh  怎么做，有指南吗？
zh* 请告诉我怎么操作。
zh* 请问我该怎么办？
zh* 怎么解决，能告诉我吗？

@ wish money
en  I want a refund.
en  Please give me a refund.
en  A refund to my card.
en  A refund of {amount} euros.
en  I ask for a full refund.
en  A refund, please.
en* Please, a refund of {amount} euros.
en* I want a full refund to my card.
en* I ask you for a refund.
zh  请给我退款。
zh  请退款。
zh  退款到我的卡。
zh  退款{amount}元。
zh  我要求全额退款。
zh  我要退款。
zh* 我要求退款到卡上。
zh* 请全额退款。
zh* 请给我退款{amount}元。

@ wish stop
en  Stop everything at once.
en  Please stop it immediately.
en  Stop it today, please.
en  Stop it and close it.
en  Please stop and cancel everything.
en  Stop it now.
en* Stop everything immediately.
en* Please stop it now and cancel it.
en* Close it and stop it, please.
zh  请马上全部停掉。
zh  请立即停掉。
zh  请今天就停掉。
zh  帮我停掉。
zh  请全部停掉、取消。
zh  现在就停掉。
zh* 请立即全部停掉。
zh* 现在就取消、停掉。
zh* 请马上帮我停掉。

@ wish person
en  I want to talk to a person.
en  Let a real person call me.
en  A person, not a robot.
en  No robot, a person please.
en  Connect me to a person.
en  A person should phone me.
en* A real person should call me.
en* Connect me to a person, no robot.
en* I want a person to phone me.
zh  我要人工服务。
zh  请让人工给我打电话。
zh  转人工主管。
zh  不要机器人，要人工。
zh  请转人工。
zh  请派人工打给我。
zh* 请转人工，不要机器人。
zh* 请让人工主管打给我。
zh* 我要转人工服务。

@ since today
en  It began today.
en  Since this morning, today.
en  Today, an hour ago.
en  It started this morning, today.
en  Just now, today.
en  Only since today.
en* Today it started.
en* Just an hour ago, today.
en* It began this morning, only today.
zh  今天开始的。
zh  从今天早上起。
zh  今天，一小时前。
zh  今天刚刚发生。
zh  就在今天。
zh  今天才有。
zh* 今天早上开始的。
zh* 今天刚刚，一小时前。
zh* 今天才发生。

@ since update
en  Ever since the update.
en  It came with the update.
en  After I installed the update.
en  The latest update did it.
en  Since update {number}.
en  After the update.
en* Ever since I installed the update.
en* It came after the update.
en* The update {number} did it.
zh  更新之后就这样。
zh  更新新版本开始的。
zh  装了更新以后。
zh  最新更新造成的。
zh  从更新{number}起。
zh  更新以后。
zh* 装了最新更新之后。
zh* 更新以后就这样。
zh* 更新{number}造成的。

@ since travel
en  I am travelling abroad.
en  Since I am on holiday abroad.
en  On my trip abroad.
en  I am in a hotel abroad.
en  It happened abroad.
en  Since I arrived abroad.
en* On holiday abroad.
en* Since my trip abroad.
en* I am travelling, in a hotel abroad.
zh  我在国外出差。
zh  在国外度假以后。
zh  在国外旅行。
zh  我住在国外酒店。
zh  在国外发生的。
zh  到国外以后。
zh* 我在国外度假时发生的。
zh* 在国外旅行，住酒店。
zh* 到国外出差以后。

@ since weeks
en  For {weeks} weeks now.
en  Waiting for {weeks} weeks.
en  It has dragged on for weeks.
en  Already {weeks} weeks.
en  For many weeks already.
en  Weeks have gone by.
en* Dragging on for {weeks} weeks already.
en* Many weeks have gone by.
en* Waiting for weeks now.
zh  已经{weeks}周了。
zh  等了{weeks}周。
zh  拖了好几周。
zh  都{weeks}周了。
zh  好几周过去了。
zh  这样{weeks}周了。
zh* 已经拖了{weeks}周。
zh* 等了好几周。
zh* {weeks}周过去了。

@ aside
en  I use a laptop.
en  My customer number is {amount}{amount}.
en  I am a customer from the north.
en  My daughter set it up.
en  My brother could not sign in once.
en  A friend got a refund elsewhere.
en  Thank you for reading.
en  Kind regards.
en* I use a tablet.
en* My son had a crash last year.
en* Regards and thanks.
zh  我用笔记本。
zh  客户号{amount}{amount}。
zh  我家在北方。
zh  是女儿帮我装的。
zh  我弟弟登录失败过。
zh  朋友在别处退过款。
zh  谢谢阅读。
zh  此致敬礼。
zh* 我用平板。
zh* 我儿子去年遇过崩溃。
zh* 谢谢，祝好。
"""
