"""How the notes of the clinic say what they say; lines marked `*` are kept for the test half."""

PHRASES = """
@ opening
en  Patient aged {age}.
en  {age}-year-old patient, seen today.
en  Seen in clinic, {age} years old.
en  New visit, age {age}.
en  Walk-in patient, {age} years.
en* Referred patient of {age} years.
en* Evening clinic, aged {age}.
en* Visit of a {age}-year-old.
zh  患者{age}岁。
zh  {age}岁患者就诊。
zh  门诊病人，{age}岁。
zh  今日来诊，{age}岁。
zh  初诊，年龄{age}岁。
zh* 转诊患者，{age}岁。
zh* 夜间门诊，{age}岁。
zh* 来诊者{age}岁。

@ onset sudden
en  It started suddenly {hours} hours ago.
en  Sudden onset this morning.
en  All at once, within minutes.
en  Came on suddenly while climbing stairs.
en  Began abruptly {hours} hours ago.
en  Suddenly ill since this morning.
en* Sudden start within minutes.
en* All at once {hours} hours ago.
en* Began suddenly this morning.
zh  {hours}小时前突然发病。
zh  今晨突然开始。
zh  几分钟内突然出现。
zh  爬楼时突然发作。
zh  突发，仅{hours}小时。
zh  突然起病。
zh* 今晨突然发病。
zh* {hours}小时前突然出现。
zh* 突然起病，几分钟内出现。

@ onset days
en  Ill for {days} days.
en  Symptoms for {days} days now.
en  It has been building for {days} days.
en  Started about {days} days ago.
en  Getting worse over {days} days.
en  Unwell since last week.
en* Unwell for the past {days} days.
en* Over the last {days} days it got worse.
en* Symptoms started {days} days ago.
zh  病了{days}天。
zh  症状已有{days}天。
zh  {days}天来逐渐加重。
zh  大约{days}天前开始。
zh  上周起不舒服。
zh  起病{days}天。
zh* 不舒服已有{days}天。
zh* 大约{days}天前起病。
zh* {days}天来不舒服，逐渐加重。

@ onset years
en  The same trouble for {years} years.
en  Long-standing, for years.
en  It has come and gone for {years} years.
en  Known complaint for many years.
en  Slowly worse over {years} years.
en  Going on for years.
en* Trouble for many years now.
en* Slowly worse for years.
en* Known for {years} years, comes and goes.
zh  同样的问题已有{years}年。
zh  多年的老毛病。
zh  {years}年来反复出现。
zh  多年来慢慢加重。
zh  病史{years}年。
zh  长年如此。
zh* 老毛病，已有{years}年。
zh* 多年反复出现。
zh* {years}年来慢慢加重。

@ fever none
en  No fever.
en  Temperature is normal.
en  Afebrile, {normal} degrees.
en  Denies fever.
en  Without fever.
en  Normal temperature at home.
en* There is no fever.
en* No fever, temperature normal.
en* Temperature normal, {normal} degrees.
zh  没有发烧。
zh  体温正常。
zh  无发热，{normal}度。
zh  否认发热。
zh  不发烧。
zh  在家量体温正常。
zh* 没有发烧，体温正常。
zh* 无发热。
zh* 体温{normal}度，正常。

@ fever slight
en  Slight fever of {slight}.
en  A mild temperature, {slight}.
en  Slightly warm, {slight} degrees.
en  Low-grade fever.
en  Only a mild fever.
en  A little fever at night.
en* A slight temperature, {slight} degrees.
en* Mild fever at night.
en* Low-grade fever of {slight}.
zh  低烧{slight}度。
zh  有点发烧，{slight}度。
zh  轻微发热。
zh  夜里低烧。
zh  只是低热。
zh  体温略高，{slight}度。
zh* 有点发烧，夜里低烧。
zh* 轻微低烧，{slight}度。
zh* 低热，{slight}度。

@ fever high
en  High fever of {high}.
en  Fever up to {high} with chills.
en  Burning with fever, {high} degrees.
en  Very high temperature and shaking chills.
en  High fever every evening.
en  Spiking fever of {high}.
en* Shaking chills and high fever.
en* High temperature, {high} degrees.
en* Burning fever up to {high}.
zh  高烧{high}度。
zh  发烧到{high}度，寒战。
zh  高热，浑身发抖。
zh  每晚高烧。
zh  体温高达{high}度。
zh  持续高热。
zh* 高烧寒战。
zh* 每晚高热，{high}度。
zh* 高烧，浑身发抖。

@ past smoker
en  Smokes {packs} cigarettes a day.
en  Heavy smoker for decades.
en  Smoker, never stopped.
en  Has smoked since youth.
en  Smoking history of {years} years.
en  A pack of cigarettes daily.
en* Smoker of {packs} cigarettes daily.
en* Has smoked heavily for decades.
en* Heavy smoking since youth.
zh  每天吸烟{packs}支。
zh  老烟民。
zh  吸烟{years}年。
zh  年轻时就抽烟。
zh  长期大量吸烟。
zh  每天一包烟。
zh* 抽烟{years}年，每天一包烟。
zh* 长期吸烟的老烟民。
zh* 年轻时起每天吸烟。

@ past allergy
en  Allergic to pollen and dust.
en  Known allergy to cats.
en  Hay fever every spring.
en  Eczema and allergies since childhood.
en  Worse near cats and dust.
en  Pollen allergy.
en* Allergies to dust since childhood.
en* Allergic to cats and pollen.
en* Known pollen allergy every spring.
zh  对花粉和灰尘过敏。
zh  对猫过敏。
zh  每年春天花粉过敏。
zh  从小湿疹、过敏。
zh  过敏体质。
zh  碰到灰尘就过敏。
zh* 从小对灰尘过敏。
zh* 过敏体质，对花粉过敏。
zh* 对猫和灰尘过敏。

@ past heart
en  Heart attack {years} years ago.
en  Known weak heart.
en  Takes pills for the heart.
en  Heart disease and high blood pressure.
en  Had a heart operation.
en  Heart valve trouble.
en* Heart disease, takes heart pills.
en* Known heart trouble, operation {years} years ago.
en* High blood pressure and a weak heart.
zh  {years}年前心梗。
zh  心脏不好。
zh  长期服心脏药。
zh  有心脏病和高血压。
zh  做过心脏手术。
zh  心脏瓣膜病。
zh* 有心脏病，服心脏药。
zh* 心脏不好，做过心脏手术。
zh* 有高血压，长期服心脏药。

@ complaint pain
en  Stabbing pain in the chest.
en  Sharp chest pain when breathing in.
en  One side of the chest hurts.
en  Chest pain with each breath.
en  Complains of sharp chest pain.
en  Stabbing on one side of the chest.
en* Sharp stabbing pain in one side.
en* The chest hurts with each breath.
en* Complains of stabbing chest pain.
zh  胸口刺痛。
zh  吸气时胸痛。
zh  一侧胸部疼痛。
zh  一呼吸就胸痛。
zh  诉剧烈胸痛。
zh  胸部像针刺一样痛。
zh* 一侧胸部刺痛。
zh* 诉吸气时胸口疼痛。
zh* 呼吸时胸部刺痛。

@ complaint ankles
en  Swollen ankles by evening.
en  Both legs are swollen.
en  Ankles swell, shoes are tight.
en  Swelling of feet and legs.
en  Needs three pillows, swollen legs.
en  Leg swelling, gained weight.
en* Feet and ankles are swollen.
en* Swelling of both legs by evening.
en* Swollen feet, gained weight.
zh  傍晚脚踝肿。
zh  双腿浮肿。
zh  脚肿，鞋变紧。
zh  下肢水肿。
zh  要垫三个枕头，腿肿。
zh  腿肿，体重增加。
zh* 双脚浮肿。
zh* 傍晚腿肿，鞋变紧。
zh* 双下肢水肿。

@ complaint nose
en  Runny nose and sneezing.
en  Blocked nose, sore throat.
en  Sneezes all day.
en  Sore throat and runny nose.
en  The nose runs and is blocked.
en  Sneezing with a sore throat.
en* Blocked, runny nose.
en* Sneezing, nose runs all day.
en* Sore throat and a blocked nose.
zh  流鼻涕、打喷嚏。
zh  鼻塞、咽痛。
zh  整天打喷嚏。
zh  咽痛流涕。
zh  鼻子不通，流鼻涕。
zh  打喷嚏，嗓子痛。
zh* 鼻塞、流鼻涕。
zh* 整天打喷嚏、流涕。
zh* 嗓子痛，鼻子不通。

@ complaint phlegm
en  Brings up yellow phlegm.
en  Lots of green phlegm.
en  Coughs up thick phlegm.
en  Yellow sputum all day.
en  Thick green sputum.
en  Phlegm every morning.
en* Coughs up green sputum.
en* Thick yellow phlegm every morning.
en* Brings up lots of sputum.
zh  咳黄痰。
zh  绿痰很多。
zh  咳出浓痰。
zh  整天有黄痰。
zh  痰多而黏。
zh  每天早晨咳痰。
zh* 咳绿痰，痰多。
zh* 早晨咳出黄痰。
zh* 浓痰，整天咳。

@ complaint tight
en  Tight chest at night.
en  Wakes at night with a tight chest.
en  The chest feels tight after running.
en  Chest tightness in cold air.
en  Attacks of tightness at night.
en  Tightness that an inhaler relieves.
en* Night attacks of chest tightness.
en* Tight chest after running in cold air.
en* The chest feels tight at night.
zh  夜里胸闷发紧。
zh  夜间憋醒，胸口发紧。
zh  跑步后胸口发紧。
zh  冷空气里胸闷。
zh  夜里阵阵发紧。
zh  胸闷，喷药后缓解。
zh* 跑步后胸闷发紧。
zh* 夜间阵阵胸闷。
zh* 冷空气里胸口发紧。

@ complaint breathless
en  Short of breath on the stairs.
en  Breathless when walking.
en  Cannot get enough air.
en  Gets out of breath quickly.
en  Shortness of breath on effort.
en  Breathless even at rest.
en* Out of breath when walking.
en* Shortness of breath, cannot get enough air.
en* Quickly breathless on the stairs.
zh  上楼气短。
zh  走路就喘不上气。
zh  总觉得气不够用。
zh  很快就气喘吁吁。
zh  活动后气短。
zh  休息时也气短。
zh* 走路气短。
zh* 上楼喘不上气。
zh* 活动后觉得气不够用。

@ aside
en  Works in an office.
en  Lives on the third floor.
en  Sleeps badly lately.
en  Appetite is fair.
en  Came with a relative.
en  Husband has a heavy cold.
en  The father was a smoker.
en  A neighbour had pneumonia.
en  Drinks tea, no alcohol.
en* A sister has asthma.
en* Works night shifts.
en* Came by bus, appetite fair.
zh  在办公室上班。
zh  住三楼。
zh  近来睡眠差。
zh  食欲尚可。
zh  家属陪同。
zh  爱人重感冒。
zh  父亲吸烟。
zh  邻居得过肺炎。
zh  不饮酒。
zh* 姐姐有哮喘。
zh* 上夜班。
zh* 坐公交来，食欲尚可。
"""
